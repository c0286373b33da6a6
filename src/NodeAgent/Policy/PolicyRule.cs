using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.NodeAgent.Identities;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>One entry of a policy's ingress, ingressDeny, egress or egressDeny. Any of the peers on any of the ports.</summary>
/// <param name="Origin">Where it stands.</param>
/// <param name="Direction">Seen from the endpoint.</param>
/// <param name="IsDeny">It forbids instead of allowing.</param>
/// <param name="Peers">The remotes; none: it is about nobody.</param>
/// <param name="Ports">The destination ports; null: any traffic.</param>
public sealed record PolicyRule(
    RuleOrigin Origin, PolicyDirection Direction, bool IsDeny, IReadOnlyList<PeerSelector> Peers, IReadOnlyList<PortRange>? Ports)
{
    /// <summary>The rule is about this traffic.</summary>
    public bool Matches(SecurityIdentity peer, byte protocol, ushort port) =>
        (Ports is null || Ports.Any(range => range.Contains(protocol, port))) && Peers.Any(selector => selector.Matches(peer));
}
