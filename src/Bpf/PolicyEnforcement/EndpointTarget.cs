namespace KvStoreMesh.Bpf.PolicyEnforcement;

/// <summary>Where an endpoint's traffic is policed; one of the two is given.</summary>
/// <param name="Interface">
/// The host's side of the endpoint's interface, in the network namespace of this process: Ethernet, as a veth is. Policing is by tcx.
/// </param>
/// <param name="Cgroup">A directory of a cgroup2 hierarchy: policing is by cgroup_skb, for the sockets made in it and below.</param>
public sealed record EndpointTarget(string? Interface, string? Cgroup);
