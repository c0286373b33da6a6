using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.NodeAgent.Status;

/// <summary>Cilium's words for what became of a packet (pkg/monitor/api/drop.go).</summary>
internal static class DropReasonText
{
    public static string Of(DropReason reason) => reason switch
    {
        DropReason.Forwarded => "Forwarded",
        DropReason.PolicyDenied => "Policy denied",
        DropReason.InvalidPacket => "Invalid packet",
        DropReason.ConntrackCreateFailed => "CT: Map insertion failed",
        DropReason.InvalidExtensionHeader => "Invalid IPv6 extension header",
        DropReason.FragmentNotSupported => "IP fragmentation not supported",
        DropReason.PolicyDeniedByDenyRule => "Policy denied by denylist",
        DropReason.EventLost => "Report lost",
        _ => $"reason {(byte)reason}",
    };
}
