namespace KvStoreMesh.Bpf.PolicyEnforcement;

/// <summary>One program of <c>policy.c</c> and where it goes; numbers of <c>enum bpf_prog_type</c> and <c>enum bpf_attach_type</c> in <c>linux/bpf.h</c>.</summary>
internal sealed record PolicyProgram(string Name, uint ProgramType, uint AttachType)
{
    private const uint SchedCls = 3;
    private const uint CgroupSkb = 8;

    /// <summary>
    /// What the endpoint sends, then what it gets: the first remembers the flows whose replies the second lets pass. On the
    /// host's side of an interface that is ingress and egress of tcx.
    /// </summary>
    public static IReadOnlyList<PolicyProgram> OfInterface { get; } = [new("cil_from_container", SchedCls, 46), new("cil_to_container", SchedCls, 47)];

    /// <inheritdoc cref="OfInterface"/>
    public static IReadOnlyList<PolicyProgram> OfCgroup { get; } = [new("cil_skb_egress", CgroupSkb, 1), new("cil_skb_ingress", CgroupSkb, 0)];

    public static IReadOnlyList<PolicyProgram> Of(EndpointTarget target) => target.Interface is null ? OfCgroup : OfInterface;
}
