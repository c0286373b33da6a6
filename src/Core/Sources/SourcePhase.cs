namespace KvStoreMesh.Core.Sources;

/// <summary>The step of reaching a source at which something failed: the first word of every diagnosis.</summary>
public enum SourcePhase
{
    /// <summary>Reading the etcd client configuration or a file it names.</summary>
    Configuration,

    /// <summary>Resolving an endpoint's host name.</summary>
    NameResolution,

    /// <summary>Connecting by TCP.</summary>
    Tcp,

    /// <summary>The TLS handshake: certificate chain, names, client certificate.</summary>
    Tls,

    /// <summary>Authentication or permission at the etcd.</summary>
    Auth,

    /// <summary>The peer answers, but not as an etcd does, or as another etcd than before.</summary>
    Protocol,

    /// <summary>Reading the cluster's config.</summary>
    ClusterConfig,

    /// <summary>Listing keys.</summary>
    List,

    /// <summary>Watching for changes.</summary>
    Watch,

    /// <summary>Taking over what the source has: it is more than the quota of a cluster.</summary>
    Quota,
}
