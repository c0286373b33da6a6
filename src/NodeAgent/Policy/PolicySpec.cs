using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>A <c>spec</c> of a policy: whom it is about, and its rules.</summary>
/// <param name="Origin">Where it stands.</param>
/// <param name="Subject">The endpoints it applies to.</param>
/// <param name="Rules">Its rules in the order of the file.</param>
/// <param name="EnforcesIngress">What its subjects get without being allowed to is dropped.</param>
/// <param name="EnforcesEgress">What its subjects send without being allowed to is dropped.</param>
public sealed record PolicySpec(
    RuleOrigin Origin, LabelSelector Subject, IReadOnlyList<PolicyRule> Rules, bool EnforcesIngress, bool EnforcesEgress)
{
    /// <summary>What is not allowed in this direction is dropped.</summary>
    public bool Enforces(PolicyDirection direction) => direction == PolicyDirection.Ingress ? EnforcesIngress : EnforcesEgress;
}
