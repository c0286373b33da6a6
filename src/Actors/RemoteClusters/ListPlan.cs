using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>
/// The pages of several ranges, one after another, each range at one revision. The next page is known only once the last
/// one has arrived, which is what makes the list a pull.
/// </summary>
internal sealed class ListPlan
{
    private readonly Queue<(ResourceKind? Kind, SourceRange Range, long Revision)> _ranges;
    private string? _fromKey;

    private ListPlan(IEnumerable<(ResourceKind? Kind, SourceRange Range, long Revision)> ranges) => _ranges = new(ranges);

    /// <summary>The page to ask for next; null when everything has been listed.</summary>
    public ListRequest? Next => _ranges.TryPeek(out var range) ? new(range.Kind, range.Range, _fromKey, range.Revision) : null;

    /// <summary>The canaries.</summary>
    public static ListPlan Canaries(SourceRange range, long revision) => new([(null, range, revision)]);

    /// <summary>Resources, in the given order.</summary>
    public static ListPlan Resources(IReadOnlyList<ResourceKind> kinds, SourceLayout layout, long revision) =>
        Resources([.. kinds.Select(kind => (kind, revision))], layout);

    /// <summary>Resources, each as of a revision of its own.</summary>
    public static ListPlan Resources(IReadOnlyList<(ResourceKind Kind, long Revision)> resources, SourceLayout layout) =>
        new(resources.Select(resource => ((ResourceKind?)resource.Kind, layout.RangeOf(resource.Kind), resource.Revision)));

    /// <summary>The page has arrived.</summary>
    public void Advance(SourcePage page)
    {
        _fromKey = page.NextKey;
        if (_fromKey is null)
        {
            _ranges.Dequeue();
        }
    }
}
