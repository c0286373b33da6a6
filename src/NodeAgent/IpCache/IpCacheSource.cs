namespace KvStoreMesh.NodeAgent.IpCache;

/// <summary>
/// What stands behind a row, the strongest first. Which cluster it comes from weighs more: rows of the local cluster
/// (Cilium's source <c>kvstore</c>) win over those of remote ones (<c>clustermesh</c>).
/// </summary>
public enum IpCacheSource : byte
{
    /// <summary>An endpoint of this node, by its file: nobody knows better.</summary>
    Local,

    /// <summary>An endpoint's own address: shadows a CIDR of full length, as in Cilium.</summary>
    Endpoint,

    /// <summary>An address of a node: its IPs, router, health and ingress address.</summary>
    Node,

    /// <summary>A CIDR written as an endpoint.</summary>
    Cidr,

    /// <summary>A node's pod CIDR, the fallback for pods not known yet.</summary>
    AllocCidr,

    /// <summary>A prefix that a policy of this node names: weaker than any cluster's claim.</summary>
    Generated,
}
