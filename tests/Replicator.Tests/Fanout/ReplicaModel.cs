using KvStoreMesh.Core.Keys;
using KvStoreMesh.Protos.V1;
using CoreKind = KvStoreMesh.Core.Keys.ResourceKind;
using Record = KvStoreMesh.Protos.V1.Record;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>
/// What a subscriber that follows the protocol's rules holds, with every promise of the stream asserted on every frame:
/// order without gaps, whole groups equal to a state of the source, nothing named before it is announced.
/// </summary>
internal sealed class ReplicaModel(MeshWorld? world = null)
{
    private readonly Dictionary<uint, Cluster> _clusters = [];
    private readonly List<Record> _group = [];
    private uint? _snapshotOf;
    private bool _following;

    /// <summary>Everything up to it has been received.</summary>
    public long Position { get; private set; }

    /// <summary>The highest seq named by any frame.</summary>
    public long Highest { get; private set; }

    /// <summary>The contents, by index.</summary>
    public Dictionary<uint, Dictionary<MeshKey, string>> Clusters => _clusters.ToDictionary(pair => pair.Key, pair => pair.Value.Content);

    /// <summary>The subscriber wants a part only: there are gaps.</summary>
    public bool IsFiltered { get; init; }

    /// <summary>The snapshots begun so far.</summary>
    public int Snapshots { get; private set; }

    /// <summary>The states of the last heartbeat.</summary>
    public Dictionary<uint, SourceState> States { get; private set; } = [];

    /// <summary>Takes a frame; asserts I1, I2, I6 and I7 on it.</summary>
    public void Accept(ServerFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.HelloReply:
                foreach (var offer in frame.HelloReply.Clusters.Where(offer => offer.Mode == ResumeMode.Snapshot))
                {
                    Know(offer.ClusterIx, offer.Cluster);
                }

                break;
            case ServerFrame.FrameOneofCase.SnapshotBegin:
                Begin(frame.SnapshotBegin);
                break;
            case ServerFrame.FrameOneofCase.SnapshotChunk:
                var chunk = Delta.Parser.ParseFrom(frame.SnapshotChunk.Records);
                var loading = _clusters[frame.SnapshotChunk.ClusterIx];
                Assert.Equal(loading.NextChunk++, frame.SnapshotChunk.Chunk);
                loading.Loading!.AddRange(chunk.Records);
                break;
            case ServerFrame.FrameOneofCase.SnapshotEnd:
                End(frame.SnapshotEnd);
                break;
            case ServerFrame.FrameOneofCase.Delta:
                Take(frame.Delta);
                break;
            case ServerFrame.FrameOneofCase.Synced:
                Sync(frame.Synced);
                break;
            case ServerFrame.FrameOneofCase.Heartbeat:
                Beat(frame.Heartbeat);
                break;
            case ServerFrame.FrameOneofCase.EpochChange:
                Mark(frame.EpochChange.Seq);
                Know(frame.EpochChange.ClusterIx, frame.EpochChange.Cluster).Synced &= frame.EpochChange.Seq <= _clusters[frame.EpochChange.ClusterIx].HighWater;
                break;
            case ServerFrame.FrameOneofCase.ClusterGone:
                // With or instead of snapshots: the subscriber had been overtaken.
                _following &= frame.ClusterGone.Seq == Position + 1;
                Mark(frame.ClusterGone.Seq);
                _clusters.Remove(frame.ClusterGone.ClusterIx);
                _group.RemoveAll(record => record.ClusterIx == frame.ClusterGone.ClusterIx);
                break;
        }
    }

    private Cluster Know(uint index, string name)
    {
        if (!_clusters.TryGetValue(index, out var cluster))
        {
            _clusters[index] = cluster = new Cluster(name);
        }

        Assert.Equal(name, cluster.Name);
        return cluster;
    }

    private void Begin(SnapshotBegin begin)
    {
        Assert.Null(_snapshotOf);
        Snapshots++;
        _following = false;
        var cluster = Know(begin.ClusterIx, begin.Cluster);
        (_snapshotOf, cluster.Loading, cluster.NextChunk) = (begin.ClusterIx, [], 0);
        Assert.True(begin.Seq >= cluster.HighWater, "a snapshot never goes back");
        cluster.SnapshotSeq = begin.Seq;
        cluster.Expected = begin.KeyCount;
    }

    private void End(SnapshotEnd end)
    {
        Assert.Equal(_snapshotOf, end.ClusterIx);
        _snapshotOf = null;
        var cluster = _clusters[end.ClusterIx];
        Assert.Equal((int)cluster.Expected, cluster.Loading!.Count);
        Assert.Equal(cluster.SnapshotSeq, end.Seq);
        cluster.Content = cluster.Loading.ToDictionary(KeyOf, record => record.Value.ToStringUtf8());
        (cluster.Loading, cluster.HighWater) = (null, end.Seq);
        _group.RemoveAll(record => record.ClusterIx == end.ClusterIx);
        Highest = Math.Max(Highest, end.Seq);
        ExpectState(end.ClusterIx, end.Seq);
    }

    private void Take(Delta delta)
    {
        Assert.True(_following, "a delta after the snapshots only");
        ExpectNext(delta.FirstSeq);
        Assert.True(IsFiltered || delta.LastSeq - delta.FirstSeq + 1 == delta.Records.Count);
        (Position, Highest) = (delta.LastSeq, Math.Max(Highest, delta.LastSeq));
        _group.AddRange(delta.Records);
        if (delta.More)
        {
            return;
        }

        var touched = new Dictionary<uint, long>();
        foreach (var record in _group)
        {
            Assert.True(_clusters.ContainsKey(record.ClusterIx), $"record {record.Seq} of a cluster that was not announced");
            var cluster = _clusters[record.ClusterIx];
            if (record.Seq > cluster.HighWater)
            {
                touched[record.ClusterIx] = record.Seq;
                if (record.Op == Op.Put)
                {
                    cluster.Content[KeyOf(record)] = record.Value.ToStringUtf8();
                }
                else
                {
                    cluster.Content.Remove(KeyOf(record));
                }
            }
        }

        _group.Clear();
        foreach (var (index, seq) in touched)
        {
            ExpectState(index, seq);
        }
    }

    private void Sync(Synced synced)
    {
        var cluster = _clusters[synced.ClusterIx];
        if (synced.Seq >= cluster.HighWater)
        {
            cluster.Synced = true;
            ExpectState(synced.ClusterIx, synced.Seq);
        }

        if (_following)
        {
            Mark(synced.Seq);
        }
    }

    private void Beat(Heartbeat beat)
    {
        if (_following && !IsFiltered)
        {
            Assert.Equal(Position, beat.Seq);
        }

        Assert.True(beat.Seq >= Position, "a heartbeat never goes back");
        (_following, Position, Highest) = (true, beat.Seq, Math.Max(Highest, beat.Seq));
        Assert.All(beat.Clusters, cluster => Assert.True(_clusters.ContainsKey(cluster.ClusterIx), "a heartbeat names known clusters only"));
        States = beat.Clusters.ToDictionary(cluster => cluster.ClusterIx, cluster => cluster.State);
    }

    private void Mark(long seq)
    {
        Highest = Math.Max(Highest, seq);
        if (_following)
        {
            ExpectNext(seq);
            Position = seq;
        }
    }

    private void ExpectNext(long seq) => Assert.True(IsFiltered ? seq > Position : seq == Position + 1, $"{seq} after {Position}");

    private void ExpectState(uint index, long seq)
    {
        if (world is not null)
        {
            Assert.Equal(world.StateAt(index, seq).OrderBy(pair => pair.Key.ToString()), _clusters[index].Content.OrderBy(pair => pair.Key.ToString()));
        }
    }

    private static MeshKey KeyOf(Record record) => new((CoreKind)record.Kind, record.Name);

    private sealed class Cluster(string name)
    {
        public string Name => name;

        public Dictionary<MeshKey, string> Content { get; set; } = [];

        public List<Record>? Loading { get; set; }

        public uint NextChunk { get; set; }

        public uint Expected { get; set; }

        public long SnapshotSeq { get; set; }

        public long HighWater { get; set; }

        public bool Synced { get; set; }
    }
}
