namespace KvStoreMesh.NodeAgent.Status;

/// <summary>One backend of a frontend.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="Address"><c>10.2.0.10:8080/TCP</c>.</param>
/// <param name="State"><c>active</c>, <c>terminating</c>, <c>quarantined</c> or <c>maintenance</c>.</param>
/// <param name="Clusters">Who publishes it; empty if it was found in the maps and nobody has named it since.</param>
/// <param name="IsEligible">It takes new connections.</param>
public sealed record BackendStatus(int Slot, string Address, string State, IReadOnlyList<string> Clusters, bool IsEligible);
