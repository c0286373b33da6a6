using KvStoreMesh.Core.Cache;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>The frames of one cluster's snapshot, in order, made while they are sent.</summary>
internal static class SnapshotFrames
{
    /// <summary>Begin, the chunks cut to the subscriber's frame size, End, and what is synced.</summary>
    public static IEnumerable<CursorFrame> Of(ClusterSnapshot snapshot, int maxFrameBytes)
    {
        var view = snapshot.View;
        yield return new CursorFrame(FrameEncoding.Of(new ServerFrame { SnapshotBegin = Begin(snapshot) }), 0);

        uint number = 0;
        foreach (var chunk in snapshot.Chunks)
        {
            for (var rest = chunk; rest.Length > 0; number++)
            {
                var length = RecordBoundary.Prefix(rest.Span, maxFrameBytes - FrameEncoding.MaxHeaderBytes);
                yield return new CursorFrame(FrameEncoding.SnapshotChunk(view.Index, number, rest[..length]), 0);
                rest = rest[length..];
            }
        }

        var end = new SnapshotEnd { ClusterIx = view.Index, Seq = view.Seq, Revision = view.Position.Revision };
        yield return new CursorFrame(FrameEncoding.Of(new ServerFrame { SnapshotEnd = end }), view.Seq);

        if (view.Synced.Count > 0)
        {
            var synced = new Synced { ClusterIx = view.Index, Seq = view.Seq, Revision = view.Position.Revision };
            synced.Resources.AddRange(view.Synced.Select(kind => (ResourceKind)kind));
            yield return new CursorFrame(FrameEncoding.Of(new ServerFrame { Synced = synced }), view.Seq);
        }
    }

    private static SnapshotBegin Begin(ClusterSnapshot snapshot) => new()
    {
        Cluster = snapshot.View.Cluster.Value,
        ClusterIx = snapshot.View.Index,
        Epoch = snapshot.View.Position.Epoch.Value,
        Revision = snapshot.View.Position.Revision,
        KeyCount = (uint)snapshot.View.Keys,
        ByteCount = (ulong)snapshot.Chunks.Sum(chunk => (long)chunk.Length),
        Seq = snapshot.View.Seq,
    };
}
