using System.Text;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>Renders when somebody looks, at most once per <see cref="MinAge"/> however many look. Any thread.</summary>
internal sealed class PageFrames(Func<MeshOverview?, MeshOverview> read, TimeProvider time)
{
    /// <summary>How old a frame may be before it is made anew.</summary>
    public static readonly TimeSpan MinAge = TimeSpan.FromMilliseconds(500);

    // Rates compared with an older frame would be averages over a time that nobody sees.
    private static readonly TimeSpan MaxComparedAge = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private PageFrame? _last;
    private long _madeAt;

    /// <summary>The frame as of now.</summary>
    public PageFrame Latest()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var age = time.GetElapsedTime(_madeAt, now);
            if (_last is null || age >= MinAge)
            {
                var overview = read(age <= MaxComparedAge ? _last?.Overview : null);
                var content = PageView.ContentOf(overview);
                (_last, _madeAt) = (new PageFrame(overview, content, Event(content)), now);
            }

            return _last;
        }
    }

    // A line end would end the field; values have none, they are encoded.
    private static byte[] Event(string content) => Encoding.UTF8.GetBytes($"event: mesh\ndata: {content.ReplaceLineEndings("\ndata: ")}\n\n");
}
