namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>Which map an operation writes, and how; of the two maps of a kind the address says which.</summary>
public enum LoadBalancerOperationKind : byte
{
    /// <summary>Insert or overwrite in <c>cilium_lb4_backends_v3</c>.</summary>
    PutBackend,

    /// <summary>Insert or overwrite in <c>cilium_lb4_services_v2</c>.</summary>
    PutSlot,

    /// <summary>Insert or overwrite in <c>cilium_lb4_reverse_nat</c>.</summary>
    PutReverseNat,

    /// <summary>Insert in <c>cilium_lb_affinity_match</c>.</summary>
    PutAffinityMatch,

    /// <summary>Delete from <c>cilium_lb4_services_v2</c>.</summary>
    DeleteSlot,

    /// <summary>Delete from <c>cilium_lb4_reverse_nat</c>.</summary>
    DeleteReverseNat,

    /// <summary>Delete from <c>cilium_lb_affinity_match</c>.</summary>
    DeleteAffinityMatch,

    /// <summary>Delete from <c>cilium_lb4_backends_v3</c>.</summary>
    DeleteBackend,
}
