using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Kubernetes;

/// <summary>A port of a Service or an EndpointSlice.</summary>
/// <param name="Name">Empty if it has none.</param>
/// <param name="Protocol">The transport.</param>
/// <param name="Port">1 to 65535.</param>
public sealed record ManifestPort(string Name, L4Protocol Protocol, ushort Port);
