using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Termination;

/// <summary>A backend that sockets were given through a frontend. Both are without their protocol.</summary>
/// <param name="Frontend">What the sockets believe they talk to.</param>
/// <param name="ServiceId">The frontend's id at that time.</param>
/// <param name="Backend">What they talk to.</param>
public readonly record struct BackendLease(L3n4Addr Frontend, ushort ServiceId, L3n4Addr Backend);
