using System.Net;

namespace KvStoreMesh.Core.Resources;

/// <summary>One address of a node.</summary>
/// <param name="Type"><c>InternalIP</c>, <c>ExternalIP</c>, <c>CiliumInternalIP</c>, …</param>
/// <param name="Ip">The address.</param>
public readonly record struct NodeAddress(string Type, IPAddress Ip);
