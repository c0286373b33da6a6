namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>The state byte of a backend; must match <c>BE_STATE_*</c> in Cilium's <c>bpf/lib/common.h</c>.</summary>
public enum LbBackendState : byte
{
    /// <summary>Takes new connections.</summary>
    Active = 0,

    /// <summary>Keeps its connections.</summary>
    Terminating = 1,

    /// <summary>Found unhealthy.</summary>
    Quarantined = 2,

    /// <summary>Taken out by hand; in no slot.</summary>
    Maintenance = 3,
}
