namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>What all subscribers of a process have in common: tables, and counts since the last reset. One thread.</summary>
internal sealed class SubscriberCounters
{
    public KeyTable Keys { get; } = new();

    public RecordMemo Memo { get; } = new();

    public ChunkMemo Chunks { get; } = new();

    public LagHistogram Lag { get; } = new();

    /// <summary>Changes received one by one, not as part of a snapshot.</summary>
    public long Deliveries { get; set; }

    /// <summary>Changes that were not newer than what their receiver held.</summary>
    public long Duplicated { get; set; }

    /// <summary>The monotonic clock at the last of them, also of those of snapshots.</summary>
    public long LastArrival { get; set; }

    /// <summary>Records received in snapshots.</summary>
    public long SnapshotRecords { get; set; }

    public long Messages { get; set; }

    /// <summary>Encoded messages, without headers.</summary>
    public long Bytes { get; set; }

    public void Reset()
    {
        Lag.Clear();
        (Deliveries, Duplicated, SnapshotRecords, Messages, Bytes) = (0, 0, 0, 0, 0);
    }
}
