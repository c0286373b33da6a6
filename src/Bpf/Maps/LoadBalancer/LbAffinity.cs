using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>The backend a client was led to last. Written by the socket programs.</summary>
/// <remarks>16 bytes; must match <c>struct lb_affinity_val</c> in Cilium's <c>bpf/lib/common.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public readonly record struct LbAffinity
{
    [FieldOffset(0)] private readonly ulong _lastUsed;
    [FieldOffset(8)] private readonly uint _backendId;

    /// <summary>A choice made at a time.</summary>
    public LbAffinity(ulong lastUsed, uint backendId) => (_lastUsed, _backendId) = (lastUsed, backendId);

    /// <summary>When, in seconds of the kernel's monotonic clock.</summary>
    public ulong LastUsed => _lastUsed;

    /// <summary>The backend's id.</summary>
    public uint BackendId => _backendId;
}
