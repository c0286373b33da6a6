namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>How current what is known of a source is: the colour of its line.</summary>
internal enum SourceFreshness
{
    /// <summary>Nothing is known of it yet.</summary>
    Connecting,

    /// <summary>Connected, being listed.</summary>
    Syncing,

    /// <summary>Every change arrives.</summary>
    Live,

    /// <summary>Lost; what was known stays in force.</summary>
    Stale,

    /// <summary>Its file cannot be used.</summary>
    Misconfigured,

    /// <summary>Removed by configuration, on its way out.</summary>
    Draining,
}
