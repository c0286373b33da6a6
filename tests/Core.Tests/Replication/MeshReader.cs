using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Protos.V1;
using Record = KvStoreMesh.Protos.V1.Record;

namespace KvStoreMesh.Core.Tests.Replication;

/// <summary>
/// An agent without a network: starts from snapshots, follows the ring, parses the bytes as the wire's own types,
/// applies whole groups, and checks what holds for every single record.
/// </summary>
internal sealed class MeshReader(MeshCache cache)
{
    private long _whole;

    private readonly List<Record> _group = [];

    public long Cursor { get; private set; }

    public Dictionary<uint, ReaderCluster> Clusters { get; private set; } = [];

    public int Snapshots { get; private set; }

    public int Diffs { get; private set; }

    /// <summary>After each whole group and each Synced: the view has to make sense here.</summary>
    public Action<uint, ReaderCluster, long> Consistent { get; init; } = (_, _, _) => { };

    /// <summary>As an agent starts, or catches up after it fell behind the ring.</summary>
    public void TakeSnapshots()
    {
        Snapshots++;
        _group.Clear();
        Cursor = cache.Head;
        _whole = Cursor;
        var known = Clusters;
        Clusters = [];
        foreach (var view in cache.Clusters)
        {
            if (cache.Snapshot(view.Cluster) is not { } snapshot)
            {
                continue;
            }

            Assert.True(snapshot.View.Seq >= view.Seq);
            var cluster = ReaderCluster.From(snapshot);
            if (known.GetValueOrDefault(view.Index) is { } before)
            {
                cluster.MustFollow(before);
            }

            Clusters[view.Index] = cluster;
            Consistent(view.Index, cluster, snapshot.View.Seq);
        }
    }

    /// <summary>As an agent catches up: what changed since it stood at the end of a whole group, where that can be said.</summary>
    public void CatchUp()
    {
        _group.Clear();
        Cursor = cache.Head;
        var known = Clusters;
        Clusters = [];
        foreach (var view in cache.Clusters)
        {
            var held = known.GetValueOrDefault(view.Index);
            if (held is not null && cache.Diff(view.Cluster, Math.Max(_whole, held.SnapshotSeq), ResourceSet.All) is { } diff)
            {
                Diffs++;
                Assert.True(diff.View.Seq >= view.Seq);
                held.Apply(diff);
                Clusters[view.Index] = held;
                Consistent(view.Index, held, diff.View.Seq);
            }
            else if (cache.Snapshot(view.Cluster) is { } snapshot)
            {
                Snapshots++;
                Clusters[view.Index] = ReaderCluster.From(snapshot);
            }
        }

        _whole = Cursor;
    }

    /// <summary>One read; false if there was nothing to read.</summary>
    public bool Step(int maxBytes)
    {
        var read = cache.Read(Cursor, maxBytes);
        switch (read.Kind)
        {
            case RingReadKind.UpToDate:
                return false;

            case RingReadKind.BehindHorizon:
                CatchUp();
                return true;

            case RingReadKind.Mark:
                Assert.Empty(_group);
                Assert.Equal((Cursor + 1, Cursor + 1, true), (read.FirstSeq, read.LastSeq, read.EndsGroup));
                _whole = Cursor = read.LastSeq;
                Take(ServerFrame.Parser.ParseFrom(read.Bytes));
                return true;

            default:
                var records = Delta.Parser.ParseFrom(read.Bytes).Records;
                Assert.True(read.Bytes.IsSingleSegment);
                Assert.True(records.Count == 1 || read.Bytes.Length <= maxBytes);
                Assert.Equal(Enumerable.Range(0, records.Count).Select(i => Cursor + 1 + i), records.Select(record => record.Seq));
                Assert.Equal((Cursor + 1, Cursor + records.Count), (read.FirstSeq, read.LastSeq));
                Cursor = read.LastSeq;
                _group.AddRange(records);
                if (read.EndsGroup)
                {
                    _whole = Cursor;
                    Apply();
                }

                return true;
        }
    }

    private void Apply()
    {
        foreach (var ofCluster in _group.GroupBy(record => record.ClusterIx))
        {
            // Unknown: removed after the cursor was taken and before its snapshot could be; ClusterGone follows.
            if (Clusters.GetValueOrDefault(ofCluster.Key) is { } cluster)
            {
                foreach (var record in ofCluster.Where(record => record.Seq > cluster.SnapshotSeq))
                {
                    cluster.Apply(record);
                }

                Consistent(ofCluster.Key, cluster, Math.Max(ofCluster.Last().Seq, cluster.SnapshotSeq));
            }
        }

        _group.Clear();
    }

    private void Take(ServerFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.EpochChange:
                var change = frame.EpochChange;
                Assert.Equal(Cursor, change.Seq);
                Assert.NotEqual(change.OldEpoch, change.NewEpoch);
                Assert.NotEmpty(change.Reason);
                if (!Clusters.TryGetValue(change.ClusterIx, out var cluster))
                {
                    cluster = Clusters[change.ClusterIx] = new(change.Cluster);
                }

                if (change.Seq > cluster.SnapshotSeq)
                {
                    cluster.BeginEpoch(change.OldEpoch, change.NewEpoch);
                }

                break;

            case ServerFrame.FrameOneofCase.Synced:
                Assert.Equal(Cursor, frame.Synced.Seq);
                if (Clusters.TryGetValue(frame.Synced.ClusterIx, out var synced))
                {
                    synced.Synced.UnionWith(frame.Synced.Resources);
                    Consistent(frame.Synced.ClusterIx, synced, Math.Max(Cursor, synced.SnapshotSeq));
                }

                break;

            case ServerFrame.FrameOneofCase.ClusterGone:
                Assert.Equal(Cursor, frame.ClusterGone.Seq);
                Clusters.Remove(frame.ClusterGone.ClusterIx);
                break;

            default:
                Assert.Fail($"the ring held a {frame.FrameCase}");
                break;
        }
    }
}
