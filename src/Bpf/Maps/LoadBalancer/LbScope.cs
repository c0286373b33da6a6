namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>Which traffic a service entry is for; must match <c>LB_LOOKUP_SCOPE_*</c> in Cilium's <c>bpf/lib/common.h</c>.</summary>
public enum LbScope : byte
{
    /// <summary>All traffic, or that from outside if the service has two scopes.</summary>
    External = 0,

    /// <summary>Traffic from inside the cluster, of a service with two scopes.</summary>
    Internal = 1,
}
