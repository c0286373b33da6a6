namespace KvStoreMesh.NodeAgent.Status;

/// <summary>An entry of a policy map, as <c>bpf policy get</c> lists it.</summary>
/// <param name="Endpoint">The endpoint's number.</param>
/// <param name="Policy"><c>Allow</c> or <c>Deny</c>.</param>
/// <param name="Direction"><c>Ingress</c> or <c>Egress</c>.</param>
/// <param name="Identity">The remote's; 0 is any.</param>
/// <param name="PortProtocol"><c>8080/TCP</c>; <c>ANY</c>.</param>
/// <param name="Prefix">Bits of protocol and port that count.</param>
/// <param name="Precedence">Which of two entries decides.</param>
public sealed record PolicyEntryStatus(
    int Endpoint, string Policy, string Direction, uint Identity, string PortProtocol, int Prefix, uint Precedence);
