using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>A policy map as it was found.</summary>
/// <param name="Endpoint">The endpoint's number.</param>
/// <param name="Path">Its pin.</param>
/// <param name="Entries">What it holds.</param>
internal sealed record PinnedPolicyMap(ushort Endpoint, string Path, IReadOnlyDictionary<PolicyKey, PolicyEntry> Entries);
