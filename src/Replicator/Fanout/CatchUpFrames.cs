using Google.Protobuf;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Protos.V1;
using SnapshotChunk = KvStoreMesh.Core.Cache.SnapshotChunk;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>The frames that bring one cluster up to date, in order, made while they are sent.</summary>
internal static class CatchUpFrames
{
    /// <summary>All of it: Begin, the chunks, End, and what is synced.</summary>
    public static IEnumerable<CursorFrame> Of(ClusterSnapshot snapshot, Subscription terms)
    {
        var view = snapshot.View;
        var chunks = snapshot.Chunks.Where(chunk => terms.Filter.Resources.Contains(chunk.Kind)).ToList();
        yield return Begin(view, chunks.Sum(chunk => chunk.Records), chunks.Sum(chunk => (long)chunk.Bytes), isDiff: false);
        uint number = 0;
        foreach (var frame in chunks.SelectMany(chunk => Of(chunk, view.Index, terms)))
        {
            yield return new CursorFrame(frame(number++), 0);
        }

        yield return End(view, terms);
        if (Synced(view, view.Seq, terms.Filter.Resources) is { } synced)
        {
            yield return synced;
        }
    }

    /// <summary>What differs, in the same shape.</summary>
    public static IEnumerable<CursorFrame> Of(ClusterDiff diff, Subscription terms)
    {
        var view = diff.View;
        yield return Begin(view, diff.Changes.Count, 0, isDiff: true);
        uint number = 0;
        foreach (var records in diff.Chunks(terms.FrameBytes - FrameEncoding.MaxHeaderBytes))
        {
            yield return new CursorFrame(FrameEncoding.SnapshotChunk(view.Index, number++, records), 0);
        }

        yield return End(view, terms);
        if (Synced(view, view.Seq, terms.Filter.Resources) is { } synced)
        {
            yield return synced;
        }
    }

    /// <summary>What is synced at a seq, as far as it is wanted; null if nothing is.</summary>
    public static CursorFrame? Synced(MeshClusterView view, long seq, ResourceSet resources)
    {
        var synced = new Synced { ClusterIx = view.Index, Seq = seq, Revision = view.Position.Revision };
        synced.Resources.AddRange(view.Synced.Where(resources.Contains).Select(kind => (Protos.V1.ResourceKind)kind));
        return synced.Resources.Count == 0 ? null : new CursorFrame(FrameEncoding.Of(new ServerFrame { Synced = synced }), seq);
    }

    // Compressed chunks cannot be cut: one that is too large for the subscriber goes plain, in pieces.
    private static IEnumerable<Func<uint, OutboundFrame>> Of(SnapshotChunk chunk, uint cluster, Subscription terms)
    {
        var room = terms.FrameBytes - FrameEncoding.MaxHeaderBytes;
        if (terms.Features.Brotli && chunk.Compressed is { } compressed && compressed.Length <= room)
        {
            yield return number => FrameEncoding.SnapshotChunk(cluster, number, compressed, chunk.Bytes);
            yield break;
        }

        for (var rest = chunk.Plain; rest.Length > 0;)
        {
            var piece = rest[..RecordBoundary.Prefix(rest.Span, room)];
            yield return number => FrameEncoding.SnapshotChunk(cluster, number, piece);
            rest = rest[piece.Length..];
        }
    }

    private static CursorFrame Begin(MeshClusterView view, int records, long bytes, bool isDiff)
    {
        var begin = new SnapshotBegin
        {
            Cluster = view.Cluster.Value,
            ClusterIx = view.Index,
            Epoch = view.Position.Epoch.Value,
            Revision = view.Position.Revision,
            KeyCount = (uint)records,
            ByteCount = (ulong)bytes,
            Seq = view.Seq,
            Diff = isDiff,
        };
        return new CursorFrame(FrameEncoding.Of(new ServerFrame { SnapshotBegin = begin }), 0);
    }

    private static CursorFrame End(MeshClusterView view, Subscription terms)
    {
        var end = new SnapshotEnd
        {
            ClusterIx = view.Index,
            Seq = view.Seq,
            Revision = view.Position.Revision,
            Digest = ByteString.CopyFrom(view.Digests.Of(terms.Filter.Resources).ToBytes()),
        };
        return new CursorFrame(FrameEncoding.Of(new ServerFrame { SnapshotEnd = end }), view.Seq);
    }
}
