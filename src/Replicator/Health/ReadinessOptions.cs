namespace KvStoreMesh.Replicator.Health;

/// <summary>How long readiness waits for clusters.</summary>
internal sealed class ReadinessOptions
{
    /// <summary>For a cluster to show its config (<c>--per-cluster-ready-timeout</c>).</summary>
    public TimeSpan PerClusterTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For all of them to be synced (<c>--global-ready-timeout</c>).</summary>
    public TimeSpan GlobalTimeout { get; init; } = TimeSpan.FromMinutes(10);
}
