namespace KvStoreMesh.Core.Cache;

/// <summary>What a read of the ring found after the cursor.</summary>
public enum RingReadKind
{
    /// <summary>Nothing: the reader is at the head.</summary>
    UpToDate,

    /// <summary>Records.</summary>
    Records,

    /// <summary>Exactly one mark: EpochChange, Synced or ClusterGone, a frame of its own.</summary>
    Mark,

    /// <summary>What follows the cursor has been overwritten: the reader needs a snapshot.</summary>
    BehindHorizon,
}
