namespace KvStoreMesh.Replicator.Fanout;

/// <summary>What a cursor wants to send next.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Seq">The highest seq it tells of: an ack may name it from now on; 0 if it tells of none.</param>
/// <param name="IsHeartbeat">It is a heartbeat: the next one is due an interval later.</param>
internal readonly record struct CursorFrame(OutboundFrame Frame, long Seq, bool IsHeartbeat = false);
