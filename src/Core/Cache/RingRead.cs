using System.Buffers;

namespace KvStoreMesh.Core.Cache;

/// <summary>A range of the ring, ready to be sent.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Bytes">
/// Of records: the wire bytes of <c>Delta.records</c> fields, a valid body of a Delta. Of a mark: a whole ServerFrame.
/// </param>
/// <param name="FirstSeq">The first seq in it.</param>
/// <param name="LastSeq">The last seq in it: the reader's next cursor.</param>
/// <param name="EndsGroup">
/// The last record ends a group; if not, the rest follows with the next reads, unless the reader falls behind the horizon
/// meanwhile: then a snapshot replaces what it has of the group.
/// </param>
public readonly record struct RingRead(
    RingReadKind Kind, ReadOnlySequence<byte> Bytes, long FirstSeq, long LastSeq, bool EndsGroup);
