using Google.Protobuf;
using KvStoreMesh.Protos.V1;
using Record = KvStoreMesh.Protos.V1.Record;

namespace KvStoreMesh.NodeAgent.Tests.Subscription;

/// <summary>Frames as a daemon sends them.</summary>
internal static class Frames
{
    public static ServerFrame Hello(params (string Name, uint Index)[] clusters)
    {
        var reply = new HelloReply { Protocol = 1, Session = 7, ServerInstance = "d", LocalCluster = "a", ReceiveBudgetBytes = 1 << 20, HeartbeatMs = 500 };
        reply.Clusters.AddRange(clusters.Select(cluster => new ClusterOffer
        {
            Cluster = cluster.Name,
            ClusterIx = cluster.Index,
            Mode = cluster.Index == 0 ? ResumeMode.Unspecified : ResumeMode.Snapshot,
        }));
        return new ServerFrame { HelloReply = reply };
    }

    public static Record Put(uint index, long seq, string name, string value, ResourceKind kind = ResourceKind.Services) => new()
    {
        ClusterIx = index, Seq = seq, Kind = kind, Name = name, Revision = seq, Value = ByteString.CopyFromUtf8(value),
    };

    public static Record Delete(uint index, long seq, string name, ResourceKind kind = ResourceKind.Services) => new()
    {
        ClusterIx = index, Seq = seq, Kind = kind, Name = name, Revision = seq, Op = Op.Delete,
    };

    public static ServerFrame Delta(long first, long last, bool more, params IEnumerable<Record> records)
    {
        var delta = new Delta { FirstSeq = first, LastSeq = last, More = more };
        delta.Records.AddRange(records);
        return new ServerFrame { Delta = delta };
    }

    public static ServerFrame Begin(string cluster, uint index, long seq, int keys) => new()
    {
        SnapshotBegin = new SnapshotBegin { Cluster = cluster, ClusterIx = index, Seq = seq, KeyCount = (uint)keys, Revision = seq },
    };

    public static ServerFrame Chunk(uint index, uint number, params IEnumerable<Record> records)
    {
        var body = new Delta();
        body.Records.AddRange(records);
        return new ServerFrame { SnapshotChunk = new SnapshotChunk { ClusterIx = index, Chunk = number, Records = body.ToByteString() } };
    }

    public static ServerFrame End(uint index, long seq) => new() { SnapshotEnd = new SnapshotEnd { ClusterIx = index, Seq = seq, Revision = seq } };

    /// <summary>A whole snapshot, in chunks of two records.</summary>
    public static IEnumerable<ServerFrame> Snapshot(string cluster, uint index, long seq, params Record[] records) =>
    [
        Begin(cluster, index, seq, records.Length),
        .. records.Chunk(2).Select((chunk, number) => Chunk(index, (uint)number, chunk)),
        End(index, seq),
    ];

    public static ServerFrame Synced(uint index, long seq, params ResourceKind[] kinds)
    {
        var synced = new Synced { ClusterIx = index, Seq = seq };
        synced.Resources.AddRange(kinds);
        return new ServerFrame { Synced = synced };
    }

    public static ServerFrame Heartbeat(long seq) => new() { Heartbeat = new Heartbeat { Seq = seq } };

    public static ServerFrame Epoch(string cluster, uint index, long seq) => new()
    {
        EpochChange = new EpochChange { Cluster = cluster, ClusterIx = index, Seq = seq, Reason = "new" },
    };

    public static ServerFrame Gone(string cluster, uint index, long seq) => new()
    {
        ClusterGone = new ClusterGone { Cluster = cluster, ClusterIx = index, Seq = seq },
    };
}
