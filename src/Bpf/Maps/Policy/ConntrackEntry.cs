using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.Policy;

/// <summary>How long replies of a flow pass.</summary>
/// <remarks>16 bytes; must match <c>struct ct_entry</c> in <c>Programs/policy.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public readonly record struct ConntrackEntry
{
    [FieldOffset(0)] private readonly ulong _expires;

    /// <summary>Nanoseconds since the machine was started.</summary>
    public ulong ExpiresNs => _expires;
}
