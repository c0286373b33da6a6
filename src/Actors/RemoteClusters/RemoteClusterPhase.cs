namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>What a remote cluster's actor is doing: its states, by name.</summary>
public enum RemoteClusterPhase
{
    /// <summary>Opening the connection.</summary>
    Connecting,

    /// <summary>Connected; the cluster's config is missing or invalid.</summary>
    AwaitingConfig,

    /// <summary>Listing resources.</summary>
    Listing,

    /// <summary>Connected again: the watch has to show that what is known still holds.</summary>
    Resuming,

    /// <summary>Live: every change arrives by the watch.</summary>
    Watching,

    /// <summary>Lost; waiting before the next attempt. What was known stays.</summary>
    BackingOff,

    /// <summary>Removed by the operator; on its way out.</summary>
    Draining,
}
