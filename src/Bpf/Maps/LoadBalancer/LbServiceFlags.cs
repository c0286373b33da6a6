namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>Flags of a service, the same in its master and all its slots; must match <c>SVC_FLAG_*</c> in Cilium's <c>bpf/lib/common.h</c>. A plain ClusterIP has none.</summary>
[Flags]
public enum LbServiceFlags : byte
{
    /// <summary>ClusterIP, not routable.</summary>
    None = 0,

    /// <summary>An ExternalIP frontend.</summary>
    ExternalIP = 0x01,

    /// <summary>A NodePort frontend.</summary>
    NodePort = 0x02,

    /// <summary>externalTrafficPolicy is Local.</summary>
    ExternalLocalScope = 0x04,

    /// <summary>A HostPort frontend.</summary>
    HostPort = 0x08,

    /// <summary>Session affinity by client address.</summary>
    Affinity = 0x10,

    /// <summary>A LoadBalancer frontend.</summary>
    LoadBalancer = 0x20,

    /// <summary>Reachable from outside the cluster.</summary>
    Routable = 0x40,

    /// <summary>Source ranges are checked.</summary>
    SourceRange = 0x80,
}
