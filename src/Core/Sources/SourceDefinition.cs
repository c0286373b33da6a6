using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Core.Sources;

/// <summary>One cluster to replicate from, as the operator configured it.</summary>
/// <param name="Cluster">The cluster; for a remote one also the name of its file.</param>
/// <param name="Role">Remote or local.</param>
/// <param name="ConfigPath">The file the configuration came from, for messages.</param>
/// <param name="ConfigText">The etcd client configuration (YAML, the etcd Go client's keys). May hold a password: never logged.</param>
public sealed record SourceDefinition(ClusterName Cluster, SourceRole Role, string ConfigPath, string ConfigText)
{
    /// <summary>The cluster, role and path, without the text.</summary>
    public override string ToString() => $"{Cluster} ({Role}, {ConfigPath})";
}
