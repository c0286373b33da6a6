using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>Marks as whole <c>kvstoremesh.v1.ServerFrame</c>s.</summary>
internal static class MarkEncoding
{
    private const int FrameSynced = 6;
    private const int FrameEpochChange = 8;
    private const int FrameClusterGone = 9;

    public static byte[] EpochChange(ClusterName cluster, uint index, SourceEpoch old, SourceEpoch current, string reason, long seq)
    {
        var body = ProtoWriter.SizeOfText(cluster.Value)
            + ProtoWriter.SizeOfNumber(index)
            + ProtoWriter.SizeOfNumber(old.Value)
            + ProtoWriter.SizeOfNumber(current.Value)
            + ProtoWriter.SizeOfText(reason)
            + ProtoWriter.SizeOfNumber((ulong)seq);
        var writer = Frame(FrameEpochChange, body, out var frame);
        writer.Text(1, cluster.Value);
        writer.Number(2, index);
        writer.Number(3, old.Value);
        writer.Number(4, current.Value);
        writer.Text(5, reason);
        writer.Number(6, (ulong)seq);
        return frame;
    }

    public static byte[] Synced(uint index, IReadOnlyList<ResourceKind> resources, long seq, long revision)
    {
        // Packed; the numbers of the kinds have one byte each.
        var body = ProtoWriter.SizeOfNumber(index)
            + ProtoWriter.SizeOfBytes(resources.Count)
            + ProtoWriter.SizeOfNumber((ulong)seq)
            + ProtoWriter.SizeOfNumber((ulong)revision);
        var writer = Frame(FrameSynced, body, out var frame);
        writer.Number(1, index);
        if (resources.Count > 0)
        {
            writer.Message(2, resources.Count);
            foreach (var kind in resources)
            {
                writer.Raw((ulong)kind);
            }
        }

        writer.Number(3, (ulong)seq);
        writer.Number(4, (ulong)revision);
        return frame;
    }

    public static byte[] ClusterGone(ClusterName cluster, uint index, long seq)
    {
        var body = ProtoWriter.SizeOfText(cluster.Value) + ProtoWriter.SizeOfNumber(index) + ProtoWriter.SizeOfNumber((ulong)seq);
        var writer = Frame(FrameClusterGone, body, out var frame);
        writer.Text(1, cluster.Value);
        writer.Number(2, index);
        writer.Number(3, (ulong)seq);
        return frame;
    }

    private static ProtoWriter Frame(int field, int body, out byte[] frame)
    {
        frame = new byte[ProtoWriter.SizeOfMessage(body)];
        var writer = new ProtoWriter(frame);
        writer.Message(field, body);
        return writer;
    }
}
