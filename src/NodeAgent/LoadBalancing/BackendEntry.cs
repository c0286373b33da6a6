using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>A value of <c>cilium_lb4_backends_v3</c>.</summary>
/// <param name="Address">Where the backend listens.</param>
/// <param name="State">0 active, 1 terminating, 2 quarantined, 3 maintenance; this agent writes 0.</param>
/// <param name="ClusterId">Always 0 as in Cilium, where it belongs to overlapping addresses.</param>
/// <param name="Zone">0 = none.</param>
public readonly record struct BackendEntry(L3n4Addr Address, byte State = 0, ushort ClusterId = 0, byte Zone = 0);
