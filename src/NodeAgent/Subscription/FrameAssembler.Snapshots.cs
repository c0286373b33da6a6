using KvStoreMesh.Core.Cache;
using KvStoreMesh.Protos.V1;
using SnapshotChunk = KvStoreMesh.Protos.V1.SnapshotChunk;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>Snapshots and diffs: staged from their begin to their end, then one event.</summary>
public sealed partial class FrameAssembler
{
    private RecordsReceived? Begin(SnapshotBegin begin)
    {
        var cluster = Know(begin.ClusterIx, begin.Cluster);
        if (cluster.Snapshot is not null)
        {
            throw new MeshProtocolException($"a snapshot of cluster {cluster.Name} begins inside its snapshot");
        }

        if (begin.Seq < cluster.HighWater)
        {
            throw new MeshProtocolException($"a snapshot of cluster {cluster.Name} at {begin.Seq}, after {cluster.HighWater}");
        }

        if (!begin.Diff || begin.Epoch != cluster.Epoch)
        {
            cluster.SkipRevision = 0;
        }

        cluster.Epoch = begin.Epoch;
        cluster.Snapshot = new PendingSnapshot(begin.Seq, begin.Revision, begin.KeyCount, begin.Diff);
        return CutGroup();
    }

    /// <summary>
    /// The log has overtaken this reader: the rest of an open group never comes. It is the last record's cluster whose
    /// group is torn, and a newer snapshot of it is among those that follow; what else was staged is whole and counts.
    /// </summary>
    private RecordsReceived? CutGroup()
    {
        if (_group is not { } group)
        {
            return null;
        }

        var torn = Find(_groupTail).Name;
        EndGroup();
        group.RemoveAll(record => record.Cluster == torn);

        // No position: that comes with the heartbeat after the snapshots.
        return new RecordsReceived(0, group);
    }

    private SessionEvent? Take(SnapshotChunk chunk)
    {
        var cluster = Find(chunk.ClusterIx);
        var snapshot = cluster.Snapshot
            ?? throw new MeshProtocolException($"a chunk of cluster {cluster.Name} without the begin of a snapshot");
        if (chunk.Chunk != snapshot.NextChunk)
        {
            throw new MeshProtocolException($"chunk {chunk.Chunk} of cluster {cluster.Name} where {snapshot.NextChunk} was due");
        }

        snapshot.NextChunk++;
        foreach (var record in ChunkDecoding.RecordsOf(chunk, cluster.Name, _limits.MaxChunkBytes))
        {
            if (record.ClusterIx != chunk.ClusterIx || (record.Op != Op.Put && !snapshot.IsDiff) || snapshot.Received++ >= snapshot.KeyCount)
            {
                throw new MeshProtocolException(
                    $"chunk {chunk.Chunk} of cluster {cluster.Name} holds what a snapshot of {snapshot.KeyCount} keys cannot: {record.Name}");
            }

            var read = Read(record, cluster);
            snapshot.Bytes += Stage(record);
            if (!Enum.IsDefined(read.Key.Kind))
            {
                snapshot.Digest = null;
            }
            else if (read.Revision == 0 || read.Revision > cluster.SkipRevision)
            {
                snapshot.Digest += read.Value is { } value ? ContentDigest.Of(read.Key, value.Span) : default;
                snapshot.Records.Add(read);
            }
        }

        return null;
    }

    private SnapshotReceived End(SnapshotEnd end)
    {
        var cluster = Find(end.ClusterIx);
        var snapshot = cluster.Snapshot
            ?? throw new MeshProtocolException($"the end of a snapshot of cluster {cluster.Name} without its begin");

        // A short snapshot would sweep what it lost on the way.
        if (snapshot.Received != snapshot.KeyCount)
        {
            throw new MeshProtocolException(
                $"the snapshot of cluster {cluster.Name} has {snapshot.Received} of {snapshot.KeyCount} keys");
        }

        var digest = snapshot.Digest is null ? null : ContentDigest.Read(end.Digest.Span);
        if (!snapshot.IsDiff && digest is not null && digest != snapshot.Digest)
        {
            throw new MeshProtocolException($"the snapshot of cluster {cluster.Name} has the digest {snapshot.Digest}, and should have {digest}");
        }

        Discard(cluster);
        (cluster.HighWater, cluster.LastSeq) = (snapshot.Seq, snapshot.Seq);
        return new SnapshotReceived(cluster.Name, snapshot.Revision, snapshot.Seq, snapshot.Records)
        {
            Epoch = cluster.Epoch,
            IsDiff = snapshot.IsDiff,

            // Of a daemon that is behind, the digest is not for this agent yet.
            Digest = snapshot.Revision >= cluster.SkipRevision ? digest : null,
        };
    }

    private void Discard(SessionCluster cluster)
    {
        _stagedBytes -= cluster.Snapshot?.Bytes ?? 0;
        cluster.Snapshot = null;
    }
}
