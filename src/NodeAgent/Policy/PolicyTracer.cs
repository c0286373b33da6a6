using System.Globalization;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Endpoints;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Answers <c>policy trace</c>: what the rules say at both ends, and beside it what the policy map of a local endpoint says.</summary>
internal sealed class PolicyTracer(PolicyEnforcer enforcer, IdentityTable identities, ClusterName? localCluster)
{
    /// <exception cref="FormatException">The query names what does not exist; the message says what.</exception>
    public TraceStatus Trace(TraceQuery query)
    {
        var (protocol, port) = ParsePort(query.Port);
        var (source, destination) = (Resolve(query.Source, "--src"), Resolve(query.Destination, "--dst"));
        var egress = Side(source, destination, PolicyDirection.Egress, protocol, port);
        var ingress = Side(destination, source, PolicyDirection.Ingress, protocol, port);
        return new(
            Describe(source),
            Describe(destination),
            new PortRange(protocol, port, port).ToString(),
            egress,
            ingress,
            egress.IsAllowed && ingress.IsAllowed ? "ALLOWED" : "DENIED");
    }

    private TraceSideStatus Side(SecurityIdentity subject, SecurityIdentity peer, PolicyDirection direction, byte protocol, ushort port)
    {
        if (!subject.Has(string.Empty, LabelKey.Namespace))
        {
            return new(true, "no endpoint, so no policy applies to it", [], [], null);
        }

        var result = PolicyTrace.Explain(enforcer.Specs, enforcer.Options.Mode, subject.Labels, peer, direction, protocol, port);
        return new(
            result.IsAllowed,
            result.Reason,
            [.. result.Rules.Select(rule => $"{rule.Origin.File}: {rule.Origin.Policy} {PolicyTrace.Describe(rule)}")],
            [.. result.Enforcing.Select(spec => spec.Origin.ToString())],
            subject.Id != 0 && enforcer.Endpoints.FirstOrDefault(record => record.Identity == subject.Id) is { } record
                ? MapVerdict(record, peer.Id, direction, protocol, port)
                : null);
    }

    private static string MapVerdict(EndpointRecord record, uint peer, PolicyDirection direction, byte protocol, ushort port)
    {
        var found = PolicyMapLookup.Find(record.Writer.Known, peer, direction, protocol, port);
        var name = string.Create(CultureInfo.InvariantCulture, $"cilium_policy_v2_{record.Number:D5}");
        return found is { } entry
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {(entry.Value.IsDeny ? "deny" : "allow")} by the entry of identity {entry.Key.Identity}, prefix {entry.Value.LpmPrefixLength}")
            : $"{name}: no entry, drop";
    }

    private SecurityIdentity Resolve(string text, string option)
    {
        if (text.Contains('=', StringComparison.Ordinal) || text.Contains("reserved:", StringComparison.Ordinal))
        {
            return OfLabels(text);
        }

        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return identities.Find(number) ?? throw new FormatException($"{option} {text}: no identity has this number; see identity list");
        }

        if (GoIpAddress.TryParse(text, out var address))
        {
            var prefix = IpPrefix.Host(address);
            var id = enforcer.Find(prefix)?.Identity ?? NumericIdentity.World;
            id = id != NumericIdentity.World ? id : prefix.IsIpv6 ? ReservedIdentities.WorldIpv6Id : ReservedIdentities.WorldIpv4Id;
            return identities.Find(id) ?? new(id, []);
        }

        return enforcer.Endpoints.FirstOrDefault(record => record.Spec.FullName == text) is { } endpoint
            ? new(endpoint.Identity, endpoint.Labels)
            : throw new FormatException($"{option} {text}: neither an endpoint (namespace/name), nor an address, an identity or labels (key=value,…)");
    }

    /// <summary>The identity with exactly these labels, or one that nobody has: with the local cluster's label where none is given.</summary>
    private SecurityIdentity OfLabels(string text)
    {
        List<IdentityLabel> labels =
        [
            .. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(IdentityLabel.Parse)
                .Select(label => label.Source == IdentityLabel.Unspecified ? label with { Source = IdentityLabel.Kubernetes } : label),
        ];
        if (labels.TrueForAll(label => label.Source != IdentityLabel.Reserved && label.Key != IdentityLabels.ClusterKey) && localCluster is { } local)
        {
            labels.Add(new(IdentityLabel.Kubernetes, IdentityLabels.ClusterKey, local.Value));
        }

        var key = SecurityIdentity.KeyOf(labels);
        return identities.All.FirstOrDefault(identity => SecurityIdentity.KeyOf(identity.Labels) == key) ?? new(0, labels);
    }

    private static (byte Protocol, ushort Port) ParsePort(string text)
    {
        var parts = text.Split('/');
        var protocol = parts.Length == 1 ? PortRange.Tcp : PortRange.ProtocolOf(parts[1]);
        return parts.Length <= 2 && protocol is { } known && ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (known, port)
            : throw new FormatException($"--dport {text}: it must be a port like 8080, 53/UDP, 132/SCTP, or a type like 8/ICMP");
    }

    private static string Describe(SecurityIdentity identity) => string.Create(
        CultureInfo.InvariantCulture, $"{string.Join(' ', LabelTexts.Of(identity.Labels))}{(identity.Id == 0 ? string.Empty : $" (identity {identity.Id})")}");
}
