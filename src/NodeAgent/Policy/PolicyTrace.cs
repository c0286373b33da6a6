using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Identities;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>
/// Says what policy makes of traffic by asking the rules one by one, and which of them decide. It shares nothing with what fills the policy
/// maps but the rules, so that one shows where the other is wrong. Pure.
/// </summary>
internal static class PolicyTrace
{
    /// <summary>What the policy of one endpoint says about traffic with a peer.</summary>
    /// <param name="specs">All specs in force.</param>
    /// <param name="mode">When what is not allowed is dropped.</param>
    /// <param name="subject">The labels of the endpoint.</param>
    /// <param name="peer">The other one.</param>
    /// <param name="direction">Seen from the endpoint.</param>
    /// <param name="protocol">The IP protocol.</param>
    /// <param name="port">The destination port, or an ICMP type.</param>
    public static PolicyTraceResult Explain(
        IReadOnlyList<PolicySpec> specs,
        PolicyEnforcementMode mode,
        IReadOnlyList<IdentityLabel> subject,
        SecurityIdentity peer,
        PolicyDirection direction,
        byte protocol,
        ushort port)
    {
        var applying = mode == PolicyEnforcementMode.Never ? [] : specs.Where(spec => spec.Subject.Matches(subject)).ToList();
        var matching = applying.SelectMany(spec => spec.Rules)
            .Where(rule => rule.Direction == direction && rule.Matches(peer, protocol, port)).ToList();
        var enforcing = applying.Where(spec => spec.Enforces(direction)).ToList();
        var side = direction.ToString().ToLowerInvariant();
        var (isAllowed, reason) = true switch
        {
            _ when matching.Find(rule => rule.IsDeny) is { } deny => (false, $"denied by {deny.Origin}"),
            _ when matching.Count > 0 => (true, $"allowed by {matching[0].Origin}"),
            _ when mode == PolicyEnforcementMode.Never => (true, "policy is not enforced: enable-policy is never"),
            _ when enforcing.Count == 0 && mode != PolicyEnforcementMode.Always => (true, $"no policy enforces {side}"),
            _ when direction == PolicyDirection.Ingress && peer.Id == NumericIdentity.Host => (true, "the local host is always allowed"),
            _ when enforcing.Count == 0 => (false, $"enable-policy is always, and no rule allows it"),
            _ => (false, $"{side} is enforced by {enforcing[0].Origin}, and no rule allows it"),
        };
        return new(isAllowed, reason, matching, enforcing);
    }

    /// <summary>A rule in a line.</summary>
    public static string Describe(PolicyRule rule)
    {
        var verb = rule.IsDeny ? "deny" : "allow";
        var side = rule.Direction == PolicyDirection.Ingress ? "from" : "to";
        var peers = rule.Peers.Count == 0 ? "nobody" : string.Join(" | ", rule.Peers);
        return $"{rule.Origin.Path}: {verb} {side} {peers}{(rule.Ports is null ? string.Empty : $" on {string.Join(", ", rule.Ports)}")}";
    }
}
