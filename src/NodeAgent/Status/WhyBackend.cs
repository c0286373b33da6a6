namespace KvStoreMesh.NodeAgent.Status;

/// <summary>A backend at a frontend.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Cluster">Who offers it.</param>
/// <param name="State">Its state.</param>
/// <param name="IsIn">It is in the datapath for this frontend.</param>
/// <param name="Reason">Why it is, or is not.</param>
public sealed record WhyBackend(string Address, string Cluster, string State, bool IsIn, string Reason);
