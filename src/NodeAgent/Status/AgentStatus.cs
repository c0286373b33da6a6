namespace KvStoreMesh.NodeAgent.Status;

/// <summary>How the agent stands, as <c>node-agent status</c> shows it.</summary>
public sealed record AgentStatus
{
    /// <summary>This node.</summary>
    public required string NodeName { get; init; }

    /// <summary>This node's cluster; null if not known.</summary>
    public string? LocalCluster { get; init; }

    /// <summary>The connection to the daemon; null where it is not known.</summary>
    public SubscriptionStatus? Subscription { get; init; }

    /// <summary>The datapath.</summary>
    public required DatapathStatus Datapath { get; init; }

    /// <summary>The clusters by name.</summary>
    public required IReadOnlyList<ClusterStatus> Clusters { get; init; }

    /// <summary>Merged services with a frontend.</summary>
    public required int Frontends { get; init; }

    /// <summary>Services of the own cluster that take backends of others.</summary>
    public int GlobalServices { get; init; }

    /// <summary>Frontends that several services claim, one line each: who has it, and who has not.</summary>
    public IReadOnlyList<string> ContestedFrontends { get; init; } = [];

    /// <summary>What is wrong with the manifests of the own cluster, one line each.</summary>
    public IReadOnlyList<string> ManifestProblems { get; init; } = [];

    /// <summary>Prefixes that more than one node or endpoint claims.</summary>
    public required int IpCacheConflicts { get; init; }

    /// <summary>Policy of local endpoints; null if none is to be enforced.</summary>
    public PolicyStatus? Policy { get; init; }

    /// <summary>
    /// With the connection to the daemon. Without one no heartbeat tells how old the clusters are: the silence is added to what the last one said.
    /// </summary>
    public AgentStatus With(SubscriptionStatus subscription)
    {
        var silence = subscription.IsConnected ? 0 : subscription.SilentMs ?? 0;
        return this with
        {
            Subscription = subscription,
            Clusters = [.. Clusters.Select(cluster => cluster with { AgeMs = cluster.AgeMs + silence })],
        };
    }
}
