namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>The second byte of a service's flags; must match <c>SVC_FLAG_*</c> of <c>flags2</c> in Cilium's <c>bpf/lib/common.h</c>.</summary>
[Flags]
public enum LbServiceFlags2 : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A local redirect policy.</summary>
    LocalRedirect = 0x01,

    /// <summary>The backends are of the other address family.</summary>
    Nat46X64 = 0x02,

    /// <summary>Traffic goes to an L7 proxy; the socket layer leaves it alone.</summary>
    L7LoadBalancer = 0x04,

    /// <summary>HostPort on loopback, or L7 delegation.</summary>
    Loopback = 0x08,

    /// <summary>internalTrafficPolicy is Local.</summary>
    InternalLocalScope = 0x10,

    /// <summary>There is a second entry set with <see cref="LbScope.Internal"/>.</summary>
    TwoScopes = 0x20,

    /// <summary>In a slot: the backend is quarantined. In a master: the source ranges deny.</summary>
    QuarantinedOrDeny = 0x40,

    /// <summary>Direct server return.</summary>
    DirectServerReturn = 0x80,
}
