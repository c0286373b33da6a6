namespace KvStoreMesh.Core.Sinks;

/// <summary>How far the connection to a source has come, as far as it matters to the lifetime of its copy.</summary>
public enum SourceReach
{
    /// <summary>No connection, or none that has answered with the cluster's config.</summary>
    Lost,

    /// <summary>Connected, the config is read: the copy will be up to date soon.</summary>
    Connected,

    /// <summary>Every change arrives.</summary>
    Live,
}
