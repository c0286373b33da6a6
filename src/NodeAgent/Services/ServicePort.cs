namespace KvStoreMesh.NodeAgent.Services;

/// <summary>A frontend as a record has it.</summary>
/// <param name="Address">The cluster IP, port and protocol.</param>
/// <param name="Name">The port's name; empty if it has none.</param>
public sealed record ServicePort(L3n4Addr Address, string Name);
