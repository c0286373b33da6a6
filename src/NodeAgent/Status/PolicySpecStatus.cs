namespace KvStoreMesh.NodeAgent.Status;

/// <summary>A spec in force.</summary>
/// <param name="File">Its file.</param>
/// <param name="Policy"><c>namespace/name</c>, or the name of a clusterwide policy.</param>
/// <param name="Path">Where in the policy.</param>
/// <param name="Subject">The endpoints it applies to.</param>
/// <param name="EnforcesIngress">What they get without being allowed to is dropped.</param>
/// <param name="EnforcesEgress">What they send without being allowed to is dropped.</param>
/// <param name="Rules">Its rules, a line each.</param>
public sealed record PolicySpecStatus(
    string File, string Policy, string Path, string Subject, bool EnforcesIngress, bool EnforcesEgress, IReadOnlyList<string> Rules);
