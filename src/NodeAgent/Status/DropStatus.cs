namespace KvStoreMesh.NodeAgent.Status;

/// <summary>A dropped packet, as <c>monitor</c> tells it.</summary>
/// <param name="Time">When the agent learnt of it.</param>
/// <param name="Reason">Why, in Cilium's words.</param>
/// <param name="Direction"><c>ingress</c> or <c>egress</c>, seen from the endpoint.</param>
/// <param name="Endpoint">The endpoint's number.</param>
/// <param name="RemoteIdentity">Who the other one is; 0 if it was dropped before that was asked.</param>
/// <param name="Source">Address and port.</param>
/// <param name="Destination">Address and port.</param>
/// <param name="Protocol"><c>TCP</c>, <c>UDP</c>, …</param>
/// <param name="Flags">Of TCP: <c>SYN</c>, <c>SYN, ACK</c>; of ICMP: the type; else empty.</param>
/// <param name="Length">Bytes of the packet.</param>
/// <param name="Interface">The index of the interface that saw it.</param>
/// <param name="Lost">Further drops that were not told before this one, since this listener was too slow.</param>
public sealed record DropStatus(
    DateTimeOffset Time,
    string Reason,
    string Direction,
    int Endpoint,
    uint RemoteIdentity,
    string Source,
    string Destination,
    string Protocol,
    string Flags,
    uint Length,
    uint Interface,
    long Lost);
