using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// A record in the shape of <c>kvstoremesh.v1.Record</c>, written as the field <c>Delta.records</c>: any number of them
/// in a row is the body of a Delta.
/// </summary>
internal readonly struct RecordEncoding
{
    private const int DeltaRecords = 4;

    private readonly ulong _seq;
    private readonly uint _cluster;
    private readonly MeshChange _change;
    private readonly int _bodyBytes;

    /// <param name="seq">0 in a snapshot, whose records have no place in the log.</param>
    /// <param name="cluster">The cluster's index.</param>
    /// <param name="change">The change.</param>
    public RecordEncoding(long seq, uint cluster, in MeshChange change)
    {
        (_seq, _cluster, _change) = ((ulong)seq, cluster, change);
        _bodyBytes = ProtoWriter.SizeOfNumber(_seq)
            + ProtoWriter.SizeOfNumber(cluster)
            + ProtoWriter.SizeOfNumber((ulong)change.Key.Kind)
            + ProtoWriter.SizeOfText(change.Key.Name)
            + ProtoWriter.SizeOfNumber(change.IsDelete ? 1u : 0u)
            + ProtoWriter.SizeOfNumber((ulong)change.Revision)
            + ProtoWriter.SizeOfNumber((ulong)change.CreateRevision)
            + ProtoWriter.SizeOfBytes(change.Value?.Length ?? 0);
    }

    /// <summary>Bytes that <see cref="WriteTo"/> fills.</summary>
    public int Size => ProtoWriter.SizeOfMessage(_bodyBytes);

    public void WriteTo(Span<byte> buffer)
    {
        var writer = new ProtoWriter(buffer);
        writer.Message(DeltaRecords, _bodyBytes);
        writer.Number(1, _seq);
        writer.Number(2, _cluster);
        writer.Number(3, (ulong)_change.Key.Kind);
        writer.Text(4, _change.Key.Name);
        writer.Number(5, _change.IsDelete ? 1u : 0u);
        writer.Number(6, (ulong)_change.Revision);
        writer.Number(7, (ulong)_change.CreateRevision);
        writer.Bytes(8, _change.Value);
    }
}
