namespace KvStoreMesh.NodeAgent.Status;

/// <summary>One node.</summary>
/// <param name="Name"><c>cluster/node</c>; without the cluster where that is called default.</param>
/// <param name="Ipv4Address">Its address; empty without one.</param>
/// <param name="Ipv4Cidr">The prefix of its pods; empty without one.</param>
/// <param name="Ipv6Address">Its address; empty without one.</param>
/// <param name="Ipv6Cidr">The prefix of its pods; empty without one.</param>
/// <param name="Source"><c>local</c> is this node, <c>kvstore</c> another one of its cluster, <c>clustermesh</c> one of another.</param>
public sealed record NodeStatus(string Name, string Ipv4Address, string Ipv4Cidr, string Ipv6Address, string Ipv6Cidr, string Source);
