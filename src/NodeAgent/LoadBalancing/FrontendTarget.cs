using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>What a frontend's entries should be.</summary>
/// <param name="Frontend">The frontend.</param>
/// <param name="ServiceId">Its id.</param>
/// <param name="Backends">Id and address, in the order of the slots.</param>
public sealed record FrontendTarget(
    ServiceFrontend Frontend, ushort ServiceId, IReadOnlyList<KeyValuePair<uint, L3n4Addr>> Backends);
