namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>The whole report.</summary>
/// <param name="Directory">Where the clusters' files are.</param>
/// <param name="Clusters">By name.</param>
/// <param name="Mesh">What concerns more than one cluster, and the daemon.</param>
internal sealed record TroubleshootReport(string? Directory, IReadOnlyList<ClusterReport> Clusters, IReadOnlyList<Finding> Mesh)
{
    /// <summary>How many findings of a severity there are.</summary>
    public int Count(Severity severity) =>
        Clusters.SelectMany(cluster => cluster.Findings).Concat(Mesh).Count(finding => finding.Severity == severity);
}
