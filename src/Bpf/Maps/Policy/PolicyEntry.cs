using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps.Policy;

/// <summary>What becomes of the traffic of a <see cref="PolicyKey"/>.</summary>
/// <remarks>12 bytes; must match <c>struct policy_entry</c> in Cilium's <c>bpf/lib/policy.h</c>. Proxies, authentication and cookies are not used.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 12)]
public readonly record struct PolicyEntry
{
    /// <summary>Of a rule that denies: nothing stands above it.</summary>
    public const uint DenyPrecedence = 0xFFFFFFFF;

    /// <summary>Of a rule that allows.</summary>
    public const uint AllowPrecedence = 0xFFFFFF01;

    /// <summary>Of what is allowed without a rule: the local host, and the direction that no rule enforces.</summary>
    public const uint DefaultAllowPrecedence = 0xFFFFF501;

    [FieldOffset(2)] private readonly byte _flags;
    [FieldOffset(4)] private readonly uint _precedence;

    /// <summary>An entry for a key.</summary>
    public PolicyEntry(in PolicyKey key, bool isDeny, uint precedence)
    {
        _flags = (byte)((key.PrefixLength - PolicyKey.StaticPrefixBits) << 3 | (isDeny ? 1 : 0));
        _precedence = precedence;
    }

    /// <summary>Traffic is dropped.</summary>
    public bool IsDeny => (_flags & 1) != 0;

    /// <summary>Bits of protocol and port in the key: 0 to 24.</summary>
    public int LpmPrefixLength => _flags >> 3;

    /// <summary>The higher one decides between the entries of the identity and of any identity.</summary>
    public uint Precedence => _precedence;
}
