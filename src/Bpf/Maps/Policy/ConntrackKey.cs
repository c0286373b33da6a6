using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.Policy;

/// <summary>A flow as its endpoint sees it. Only the programs write and read these; the agent counts them.</summary>
/// <remarks>40 bytes; must match <c>struct ct_key</c> in <c>Programs/policy.h</c>.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 40)]
public readonly record struct ConntrackKey
{
    [FieldOffset(36)] private readonly ushort _endpoint;

    /// <summary>The endpoint's number.</summary>
    public ushort Endpoint => _endpoint;
}
