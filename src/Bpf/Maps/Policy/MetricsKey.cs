using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.Policy;

/// <summary>What is counted together.</summary>
/// <remarks>8 bytes; must match <c>struct metrics_key</c> in Cilium's <c>bpf/lib/metrics.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public readonly record struct MetricsKey
{
    [FieldOffset(0)] private readonly DropReason _reason;
    [FieldOffset(1)] private readonly byte _direction;

    /// <summary>Why packets were dropped, or that they passed.</summary>
    public DropReason Reason => _reason;

    /// <summary>Seen from the endpoint.</summary>
    public PolicyDirection Direction => _direction == 1 ? PolicyDirection.Ingress : PolicyDirection.Egress;
}
