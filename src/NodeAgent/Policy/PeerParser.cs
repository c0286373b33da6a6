using System.Globalization;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.Manifests;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>
/// Reads from… and to… of a rule, and adds what the selectors leave unsaid: the policy's namespace, or that a pod is meant, and the
/// local cluster (Cilium: pkg/k8s/apis/cilium.io/utils/utils.go).
/// </summary>
/// <param name="policyNamespace">The policy's namespace; null of a clusterwide one.</param>
/// <param name="scope">The cluster.</param>
internal sealed class PeerParser(string? policyNamespace, PolicyScope scope)
{
    private const int MaxPeers = 1000;

    /// <summary>The peers of a rule; null if it names none, while an empty list selects nobody.</summary>
    /// <exception cref="ManifestException">They cannot be applied.</exception>
    public IReadOnlyList<PeerSelector>? Parse(ManifestFields rule, PolicyDirection direction)
    {
        var side = direction == PolicyDirection.Ingress ? "from" : "to";
        var endpoints = rule.TakeList($"{side}Endpoints", MaxPeers);
        var entities = rule.TakeTexts($"{side}Entities", MaxPeers);
        var cidrs = rule.TakeTexts($"{side}CIDR", MaxPeers);
        var sets = rule.TakeList($"{side}CIDRSet", MaxPeers);
        var kinds = new object?[] { endpoints, entities, cidrs, sets }.Count(kind => kind is not null);
        if (kinds > 1)
        {
            throw rule.Refuse(string.Empty, $"may have only one of {side}Endpoints, {side}Entities, {side}CIDR and {side}CIDRSet: write an entry for each");
        }

        if (endpoints is not null)
        {
            return [.. endpoints.Select(item => new LabelPeer(Scope(SelectorParser.Parse(ManifestFields.Of(item.Path, item.Node)))))];
        }

        if (entities is not null)
        {
            return [.. entities.Select(name => EntityPeer.Of(name, scope.LocalCluster)
                ?? throw rule.Refuse($"{side}Entities", $"has '{name}', it must be one of {string.Join(", ", EntityPeer.Names)}"))];
        }

        if (cidrs is not null)
        {
            return [.. cidrs.Select(text => new CidrPeer(Cidr(rule, $"{side}CIDR", text), []))];
        }

        return sets is null ? null : [.. sets.Select(item => ParseSet(ManifestFields.Of(item.Path, item.Node)))];
    }

    private LabelSelector Scope(LabelSelector selector)
    {
        if (selector.MentionsReserved)
        {
            return selector;
        }

        var scoped = selector;
        if (policyNamespace is null)
        {
            // Of a clusterwide policy {} means every pod, and not the host or the world.
            scoped = scoped.And(LabelRequirement.Exists(new(IdentityLabel.Kubernetes, LabelKey.Namespace)));
        }
        else if (!selector.MentionsNamespace)
        {
            scoped = scoped.And(LabelRequirement.Equal(new(IdentityLabel.Kubernetes, LabelKey.Namespace), policyNamespace));
        }

        return scope.DefaultsToLocalCluster && !selector.Mentions(IdentityLabels.ClusterKey)
            ? scoped.And(LabelRequirement.Equal(new(IdentityLabel.Kubernetes, IdentityLabels.ClusterKey), scope.LocalCluster?.Value ?? string.Empty))
            : scoped;
    }

    private static CidrPeer ParseSet(ManifestFields set)
    {
        var prefix = Cidr(set, "cidr", set.TakeText("cidr") ?? throw set.Refuse("cidr", "must be there"));
        IpPrefix[] except = [.. (set.TakeTexts("except", MaxPeers) ?? []).Select(text => Cidr(set, "except", text))];
        set.RefuseRest();
        return Array.TrueForAll(except, prefix.Contains)
            ? new(prefix, except)
            : throw set.Refuse("except", $"must be within {prefix}");
    }

    /// <summary>An address or a prefix as Go reads it; bits beyond the prefix do not count.</summary>
    private static IpPrefix Cidr(ManifestFields at, string field, string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!GoIpAddress.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var address))
        {
            throw at.Refuse(field, $"has '{text}', which is no address or prefix");
        }

        var host = IpPrefix.Host(address);
        return slash < 0 ? host
            : byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= host.Length
                ? IpPrefix.From(address, length)
                : throw at.Refuse(field, $"has '{text}': the length of its prefix must be from 0 to {host.Length}");
    }
}
