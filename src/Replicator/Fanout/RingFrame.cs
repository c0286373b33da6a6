using KvStoreMesh.Core.Cache;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>What follows a cursor.</summary>
/// <param name="Kind">What the ring had.</param>
/// <param name="Frame">The frame of records or of a mark; null otherwise.</param>
/// <param name="LastSeq">The cursor after the frame.</param>
/// <param name="EndsGroup">What follows is another group.</param>
/// <param name="IsEmpty">The range has nothing for a subscriber with this filter.</param>
/// <param name="Appeared">The index of the cluster that the frame announces; 0 if it announces none.</param>
internal readonly record struct RingFrame(
    RingReadKind Kind, OutboundFrame? Frame, long LastSeq, bool EndsGroup = true, bool IsEmpty = false, uint Appeared = 0);
