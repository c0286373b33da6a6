namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>What the policy of one endpoint says.</summary>
/// <param name="IsAllowed">The traffic passes.</param>
/// <param name="Reason">Why, in a line.</param>
/// <param name="Rules">The rules about this traffic.</param>
/// <param name="Enforcing">The specs that enforce the direction.</param>
internal sealed record PolicyTraceResult(
    bool IsAllowed, string Reason, IReadOnlyList<PolicyRule> Rules, IReadOnlyList<PolicySpec> Enforcing);
