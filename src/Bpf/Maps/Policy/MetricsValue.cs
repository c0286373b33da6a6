using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.Policy;

/// <summary>What one processor has counted.</summary>
/// <remarks>16 bytes; must match <c>struct metrics_value</c> in Cilium's <c>bpf/lib/metrics.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public readonly record struct MetricsValue
{
    [FieldOffset(0)] private readonly ulong _packets;
    [FieldOffset(8)] private readonly ulong _bytes;

    /// <summary>Some packets and their bytes.</summary>
    public MetricsValue(ulong packets, ulong bytes) => (_packets, _bytes) = (packets, bytes);

    /// <summary>Packets.</summary>
    public ulong Packets => _packets;

    /// <summary>Their bytes.</summary>
    public ulong Bytes => _bytes;
}
