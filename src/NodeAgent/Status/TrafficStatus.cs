namespace KvStoreMesh.NodeAgent.Status;

/// <summary>Packets that met the same end.</summary>
/// <param name="Reason"><c>Forwarded</c>, or why they were dropped, in Cilium's words.</param>
/// <param name="Direction"><c>ingress</c> or <c>egress</c>, seen from the endpoint.</param>
/// <param name="Packets">How many.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record TrafficStatus(string Reason, string Direction, ulong Packets, ulong Bytes);
