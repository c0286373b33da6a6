using System.Buffers;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// One encoded ServerFrame: a few bytes of its own before bytes shared with the ring, a snapshot or other subscribers.
/// Immutable, so one instance serves every subscriber that stands at the same place.
/// </summary>
internal sealed class OutboundFrame
{
    private readonly ReadOnlyMemory<byte> _header;
    private readonly ReadOnlySequence<byte> _body;

    /// <summary>Joins a header and a body.</summary>
    public OutboundFrame(ReadOnlyMemory<byte> header, ReadOnlySequence<byte> body)
    {
        (_header, _body) = (header, body);
        Length = checked((int)(header.Length + body.Length));
    }

    /// <summary>Bytes of the message, as the receive budget counts them.</summary>
    public int Length { get; }

    /// <summary>Copies the frame into a writer.</summary>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        writer.Write(_header.Span);
        foreach (var segment in _body)
        {
            writer.Write(segment.Span);
        }
    }
}
