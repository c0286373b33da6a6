using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>
/// The pages of several ranges, one after another and all at one revision. The next page is known only once the last
/// one has arrived, which is what makes the list a pull.
/// </summary>
internal sealed class ListPlan
{
    private readonly Queue<(ResourceKind? Kind, SourceRange Range)> _ranges;
    private readonly long _revision;
    private string? _fromKey;

    private ListPlan(IEnumerable<(ResourceKind? Kind, SourceRange Range)> ranges, long revision) =>
        (_ranges, _revision) = (new(ranges), revision);

    /// <summary>The page to ask for next; null when everything has been listed.</summary>
    public ListRequest? Next => _ranges.TryPeek(out var range) ? new(range.Kind, range.Range, _fromKey, _revision) : null;

    /// <summary>The canaries.</summary>
    public static ListPlan Canaries(SourceRange range, long revision) => new([(null, range)], revision);

    /// <summary>Resources, in the given order.</summary>
    public static ListPlan Resources(IReadOnlyList<ResourceKind> kinds, SourceLayout layout, long revision) =>
        new(kinds.Select(kind => ((ResourceKind?)kind, layout.RangeOf(kind))), revision);

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
