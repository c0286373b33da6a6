namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>Everything found about one cluster, in the order of the steps.</summary>
/// <param name="Cluster">The cluster, or the file's name if it cannot name one.</param>
/// <param name="Path">Its file; empty if it has none.</param>
/// <param name="Findings">In order.</param>
internal sealed record ClusterReport(string Cluster, string Path, List<Finding> Findings);
