namespace KvStoreMesh.Core.Sinks;

/// <summary>What the sink does with a cluster.</summary>
public enum SinkClusterPhase
{
    /// <summary>What the store holds of it is not known: nothing is written before it is listed.</summary>
    Unlisted,

    /// <summary>The store is being listed.</summary>
    Listing,

    /// <summary>Differences are written as they come.</summary>
    Mirroring,

    /// <summary>It was removed; its keys are being deleted.</summary>
    Draining,
}
