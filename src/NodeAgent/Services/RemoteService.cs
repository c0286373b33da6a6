namespace KvStoreMesh.NodeAgent.Services;

/// <summary>What another cluster publishes of a service.</summary>
/// <param name="Backends">Its backends.</param>
/// <param name="IsShared">They are offered to other clusters.</param>
internal sealed record RemoteService(IReadOnlyList<BackendOffer> Backends, bool IsShared);
