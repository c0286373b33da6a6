namespace KvStoreMesh.NodeAgent.Services;

/// <summary>One frontend as it should be in the kernel.</summary>
/// <param name="Frontend">Cluster IP, port and protocol.</param>
/// <param name="Service"><c>namespace/name</c>.</param>
/// <param name="Backends">Ascending, each once.</param>
public sealed record MergedFrontend(L3n4Addr Frontend, string Service, IReadOnlyList<L3n4Addr> Backends);
