using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Etcd.Configuration;

namespace KvStoreMesh.Replicator.ClusterConfigs;

/// <summary>Where the clusters' etcd client configurations are.</summary>
internal sealed class ClusterConfigOptions
{
    /// <summary>One file per remote cluster, named after it; null if there are none.</summary>
    public string? Directory { get; init; }

    /// <summary>The configuration of the local cluster's etcd as a source; null if it is not one.</summary>
    public string? LocalStateFile { get; init; }

    /// <summary>The daemon's own cluster: a file of this name in the directory is ignored.</summary>
    public required ClusterName LocalCluster { get; init; }

    /// <summary>The id of the daemon's own cluster; 0 if it was not told.</summary>
    public uint LocalClusterId { get; init; }

    /// <summary>The highest id a cluster of the mesh may have: 255 or 511.</summary>
    public uint MaxConnectedClusters { get; init; } = 255;

    /// <summary>How often the directory is read although nothing hinted at a change: heals a lost notification.</summary>
    public TimeSpan RescanInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause between a hint and the look: one replacement of a file hints several times.</summary>
    public TimeSpan Settling { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How long a file must be missing before its cluster is removed: longer than an editor or kubelet takes to
    /// replace one, shorter than a person waits.
    /// </summary>
    public TimeSpan RemovalConfirmation { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A larger file is not read, bytes.</summary>
    public int MaxFileBytes { get; init; } = EtcdClientConfig.MaxLength;
}
