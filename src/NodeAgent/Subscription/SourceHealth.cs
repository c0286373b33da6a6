namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>The daemon's connection to a source, as heartbeats tell it.</summary>
public enum SourceHealth
{
    /// <summary>Not told yet.</summary>
    Unknown,

    /// <summary>Not connected since the daemon started.</summary>
    Connecting,

    /// <summary>Lists are running.</summary>
    Syncing,

    /// <summary>The watch is open.</summary>
    Live,

    /// <summary>Not reachable: the data is the last known.</summary>
    Stale,
}
