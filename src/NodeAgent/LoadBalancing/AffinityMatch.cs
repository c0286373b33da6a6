namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>A key of <c>cilium_lb_affinity_match</c>: the backend takes connections of the service, which has session affinity.</summary>
/// <param name="BackendId">The backend's id.</param>
/// <param name="ServiceId">The service's id.</param>
public readonly record struct AffinityMatch(uint BackendId, ushort ServiceId);
