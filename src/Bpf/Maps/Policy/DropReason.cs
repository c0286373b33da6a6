namespace KvStoreMesh.Bpf.Maps.Policy;

/// <summary>What became of a packet; Cilium's numbers (bpf/lib/drop_reasons.h), positive.</summary>
public enum DropReason : byte
{
    /// <summary>It passed.</summary>
    Forwarded = 0,

    /// <summary>No rule allows it.</summary>
    PolicyDenied = 133,

    /// <summary>It is too short for what its headers say.</summary>
    InvalidPacket = 134,

    /// <summary>The flow could not be remembered.</summary>
    ConntrackCreateFailed = 155,

    /// <summary>More IPv6 extension headers than are looked at.</summary>
    InvalidExtensionHeader = 156,

    /// <summary>A later fragment, which has no ports to judge by.</summary>
    FragmentNotSupported = 157,

    /// <summary>A rule denies it.</summary>
    PolicyDeniedByDenyRule = 181,

    /// <summary>No packet: the report of a drop for which the ring had no room.</summary>
    EventLost = 255,
}
