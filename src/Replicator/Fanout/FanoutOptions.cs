namespace KvStoreMesh.Replicator.Fanout;

/// <summary>The limits of the stream to the node agents.</summary>
internal sealed class FanoutOptions
{
    /// <summary>How long a new stream may take to send its Hello.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection that has no stream for so long is closed: one that never says anything costs its memory no longer.</summary>
    public TimeSpan IdleConnectionTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest frame a subscriber may send, bytes.</summary>
    public int MaxClientFrameBytes { get; init; } = 256 << 10;

    /// <summary>Streams beyond it are refused with RESOURCE_EXHAUSTED.</summary>
    public int MaxSubscribers { get; init; } = 10_000;

    /// <summary>
    /// The size of a server frame if the subscriber names none, bytes. It is also what a stopped reader holds in the
    /// daemon's memory, and beyond some KiB a larger frame is no cheaper per byte.
    /// </summary>
    public int FrameBytes { get; init; } = 64 << 10;

    /// <summary>The bounds within which a subscriber may choose its frame size, bytes.</summary>
    public (int Min, int Max) FrameBytesBounds { get; init; } = (16 << 10, 1 << 20);

    /// <summary>Bytes sent ahead of the acknowledgements if the subscriber names none.</summary>
    public int ReceiveBudgetBytes { get; init; } = 4 << 20;

    /// <summary>The bounds within which a subscriber may choose its receive budget, bytes.</summary>
    public (int Min, int Max) ReceiveBudgetBytesBounds { get; init; } = (64 << 10, 64 << 20);

    /// <summary>Time between heartbeats if the subscriber names none.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The bounds within which a subscriber may choose its heartbeat.</summary>
    public (TimeSpan Min, TimeSpan Max) HeartbeatBounds { get; init; } = (TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1));

    /// <summary>A stream that owes something and shows neither an ack nor an accepted byte for so long is closed.</summary>
    public TimeSpan NoProgressTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a stream that ends may take to send what is in flight, before it is reset.</summary>
    public TimeSpan ClosingTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Subscribers that are sent snapshots or diffs at the same time; the others wait for their turn. More would not be
    /// faster, since the processors are shared, but all would be late.
    /// </summary>
    public int ConcurrentSnapshots { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>Who takes nothing of its snapshot for so long keeps nobody waiting.</summary>
    public TimeSpan SnapshotLease { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Records that a subscriber may be behind before it gets the latest state of what changed instead. High, because the log's
    /// bytes are shared by all subscribers, and a diff is made for one.
    /// </summary>
    public long ConflateBeyond { get; init; } = 64 << 10;

    /// <summary>Sweep loops; each serves its share of the subscribers.</summary>
    public int Shards { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 8);

    /// <summary>How often a shard looks at its timers: the resolution of heartbeats and of the no-progress limit.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a shutdown waits for the subscribers to leave after their GoAway.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Over how long the subscribers are asked to spread their return after a GoAway.</summary>
    public TimeSpan ReconnectSpread { get; init; } = TimeSpan.FromSeconds(5);
}
