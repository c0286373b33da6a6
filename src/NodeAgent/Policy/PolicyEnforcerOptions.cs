namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>How policy is meant on this node.</summary>
public sealed record PolicyEnforcerOptions
{
    /// <summary>Cilium's <c>enable-policy</c>.</summary>
    public PolicyEnforcementMode Mode { get; init; } = PolicyEnforcementMode.Default;

    /// <summary>Cilium's <c>policy-default-local-cluster</c>.</summary>
    public bool DefaultsToLocalCluster { get; init; } = true;
}
