namespace KvStoreMesh.Replicator.ClusterConfigs;

/// <summary>A file that an operator has to look at.</summary>
/// <param name="File">Its path, or the directory's.</param>
/// <param name="Cluster">The name of the file, which names the cluster; null if it concerns none.</param>
/// <param name="Text">What is wrong, and the way out.</param>
internal sealed record ConfigurationProblem(string File, string? Cluster, string Text);
