namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Traffic to explain, as the operator names it.</summary>
/// <param name="Source">
/// An endpoint by <c>namespace/name</c>, an IP address, the number of an identity, or labels separated by commas.
/// </param>
/// <param name="Destination">As the source.</param>
/// <param name="Port"><c>8080</c>, <c>53/UDP</c>, or an ICMP type <c>8/ICMP</c>.</param>
public sealed record TraceQuery(string Source, string Destination, string Port);
