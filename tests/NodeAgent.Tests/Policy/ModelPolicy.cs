using System.Net;
using System.Text;
using CsCheck;

namespace KvStoreMesh.NodeAgent.Tests.Policy;

/// <summary>Policies and remotes in plain words, a generator of both, and a verdict worked out by asking every rule: what the real thing is held against.</summary>
internal static class ModelPolicy
{
    public const string LocalCluster = "a";

    public static readonly string[] Cidrs = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.168.0.0/16", "fd00::/8", "fd00:1::/32", "0.0.0.0/0", "::/0"];

    private static readonly string[] Entities = ["all", "world", "host", "cluster", "remote-node", "none"];

    /// <summary>The remotes by number. Pods of two clusters and namespaces; CIDR identities get their numbers from the enforcer.</summary>
    public static readonly IReadOnlyList<Remote> Pods =
    [
        .. from cluster in (string[])["a", "b"]
           from ns in (string[])["demo", "prod"]
           from app in (string[])["fe", "be"]
           select new Remote((cluster == "a" ? 65536u : 131072u) + (ns == "demo" ? 1u : 2u) + (app == "fe" ? 10u : 20u), cluster, ns, app, null, null),
    ];

    public static readonly IReadOnlyList<Remote> Reserved =
    [
        new(1, null, null, null, "host", null), new(6, null, null, null, "remote-node", null), new(9, null, null, null, "world-ipv4", null),
        new(10, null, null, null, "world-ipv6", null), new(4, null, null, null, "health", null),
    ];

    private static readonly Gen<Peer> GenPeer = Gen.OneOf(
        Gen.Select(Pick("", "fe", "be"), Pick("", "demo", "prod", "*"), Pick("", "a", "b", "*")).Select((app, ns, cluster) => new Peer("endpoints", app, ns, cluster, [])),
        Pick(Entities).Select(entity => new Peer("entities", entity, "", "", [])),
        Gen.Select(Pick(Cidrs), Pick(Cidrs).Array[0, 2]).Select((cidr, except) =>
            new Peer("cidr", cidr, "", "", [.. except.Distinct().Where(inner => inner != cidr && Within(inner, cidr))])));

    private static readonly Gen<Port> GenPort = Gen.Select(Gen.Int[0, 12], Gen.Int[0, 5], Pick("TCP", "UDP", "ANY"))
        .Select((first, span, protocol) => new Port(first == 0 ? 0 : 8079 + first, first == 0 || span == 0 ? 0 : 8079 + first + span, protocol));

    private static readonly Gen<Rule> GenRule = Gen.Select(Gen.Bool, Gen.Int[0, 3], Gen.OneOf(GenPeer.Select(peer => (Peer?)peer), Gen.Const((Peer?)null)), GenPort.Array[0, 2])
        .Select((ingress, deny, peer, ports) => new Rule(ingress, deny == 0, peer, ports));

    public static readonly Gen<Policy> Generator =
        Gen.Select(Gen.Bool, Pick("fe", "be", "*"), GenRule.Array[1, 4], Gen.Int[0, 4]).Select((clusterwide, subject, rules, openDefault) =>
            new Policy(clusterwide, subject, rules, openDefault == 0 ? false : null));

    /// <summary>A verdict for the endpoint <c>app=be</c> of namespace demo in cluster a.</summary>
    public static bool Allows(IReadOnlyList<Policy> policies, Remote remote, bool ingress, string protocol, int port)
    {
        var applying = policies.Where(policy => policy.Subject is "be" or "*").ToList();
        var rules = applying.SelectMany(policy => policy.Rules.Select(rule => (policy, rule))).Where(pair => pair.rule.Ingress == ingress).ToList();
        var about = rules.Where(pair => IsAbout(pair.policy, pair.rule, remote, protocol, port)).Select(pair => pair.rule).ToList();
        if (about.Exists(rule => rule.Deny))
        {
            return false;
        }

        var enforced = applying.Any(policy => policy.DefaultDeny ?? policy.Rules.Any(rule => rule.Ingress == ingress));
        return about.Count > 0 || !enforced || (ingress && remote.Reserved == "host");
    }

    /// <summary>The prefix lies within the other one.</summary>
    public static bool Within(string inner, string outer)
    {
        var (a, b) = (IPNetwork.Parse(inner), IPNetwork.Parse(outer));
        return a.BaseAddress.AddressFamily == b.BaseAddress.AddressFamily && a.PrefixLength >= b.PrefixLength && b.Contains(a.BaseAddress);
    }

    private static bool IsAbout(Policy policy, Rule rule, Remote remote, string protocol, int port)
    {
        var onPort = rule.Ports.Length == 0 || rule.Ports.Any(range =>
            (range.Protocol == protocol || range.Protocol == "ANY") && (range.First == 0 || (port >= range.First && port <= Math.Max(range.First, range.Last))));
        return onPort && (rule.Peer is { } peer ? Selects(policy, peer, remote) : rule.Ports.Length > 0);
    }

    private static bool Selects(Policy policy, Peer peer, Remote remote) => peer.Kind switch
    {
        "endpoints" => remote.App is not null
            && (peer.Value.Length == 0 || peer.Value == remote.App)
            && (peer.Namespace switch { "*" => true, "" => policy.Clusterwide || remote.Namespace == "demo", _ => peer.Namespace == remote.Namespace })
            && (peer.Cluster == "*" || remote.Cluster == (peer.Cluster.Length == 0 ? LocalCluster : peer.Cluster)),
        "entities" => peer.Value switch
        {
            "all" => true,
            "world" => remote.Cidr is not null || remote.Reserved is "world-ipv4" or "world-ipv6",
            "cluster" => remote.Reserved is "host" or "remote-node" or "health" || remote.Cluster == LocalCluster,
            "none" => false,
            var entity => remote.Reserved == entity,
        },
        _ => IsWorldOf(peer.Value, remote)
            || (remote.Cidr is { } cidr && Within(cidr, peer.Value) && !peer.Except.Any(left => Within(cidr, left))),
    };

    private static bool IsWorldOf(string cidr, Remote remote) =>
        (cidr == "0.0.0.0/0" && remote.Reserved == "world-ipv4") || (cidr == "::/0" && remote.Reserved == "world-ipv6");

    private static Gen<T> Pick<T>(params T[] values) => Gen.OneOf([.. values.Select(Gen.Const)]);

    internal sealed record Remote(uint Id, string? Cluster, string? Namespace, string? App, string? Reserved, string? Cidr);

    internal sealed record Peer(string Kind, string Value, string Namespace, string Cluster, string[] Except);

    internal sealed record Port(int First, int Last, string Protocol);

    internal sealed record Rule(bool Ingress, bool Deny, Peer? Peer, Port[] Ports)
    {
        public string Yaml()
        {
            var side = Ingress ? "from" : "to";
            var fields = new List<string>();
            switch (Peer)
            {
                case { Kind: "endpoints" } peer:
                    var labels = string.Join(", ", ((string?[])
                    [
                        peer.Value.Length > 0 ? $"app: {peer.Value}" : null,
                        peer.Namespace is "" or "*" ? null : $"k8s:io.kubernetes.pod.namespace: {peer.Namespace}",
                        peer.Cluster is "" or "*" ? null : $"io.cilium.k8s.policy.cluster: {peer.Cluster}",
                    ]).OfType<string>());
                    var expressions = string.Join(", ", ((string?[])
                    [
                        peer.Namespace == "*" ? "{key: io.kubernetes.pod.namespace, operator: Exists}" : null,
                        peer.Cluster == "*" ? "{key: io.cilium.k8s.policy.cluster, operator: Exists}" : null,
                    ]).OfType<string>());
                    fields.Add($"{side}Endpoints: [{{matchLabels: {{{labels}}}, matchExpressions: [{expressions}]}}]");
                    break;
                case { Kind: "entities" } peer:
                    fields.Add($"{side}Entities: [{peer.Value}]");
                    break;
                case { } peer:
                    fields.Add($"{side}CIDRSet: [{{cidr: \"{peer.Value}\", except: [{string.Join(", ", peer.Except.Select(cidr => $"\"{cidr}\""))}]}}]");
                    break;
            }

            if (Ports.Length > 0)
            {
                var ports = Ports.Select(port => $"{{port: \"{port.First}\", protocol: {port.Protocol}{(port.Last == 0 ? "" : $", endPort: {port.Last}")}}}");
                fields.Add($"toPorts: [{{ports: [{string.Join(", ", ports)}]}}]");
            }

            return $"{{{string.Join(", ", fields)}}}";
        }
    }

    internal sealed record Policy(bool Clusterwide, string Subject, Rule[] Rules, bool? DefaultDeny)
    {
        public string Yaml()
        {
            var text = new StringBuilder("apiVersion: cilium.io/v2\n");
            text.Append(Clusterwide ? "kind: CiliumClusterwideNetworkPolicy\nmetadata: {name: p}\n" : "kind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: demo}\n");
            text.Append("spec:\n").Append(Subject == "*" ? "  endpointSelector: {}\n" : $"  endpointSelector: {{matchLabels: {{app: {Subject}}}}}\n");
            foreach (var section in Rules.GroupBy(rule => (rule.Ingress ? "ingress" : "egress") + (rule.Deny ? "Deny" : "")))
            {
                text.Append($"  {section.Key}: [{string.Join(", ", section.Select(rule => rule.Yaml()))}]\n");
            }

            return text.Append(DefaultDeny is false ? "  enableDefaultDeny: {ingress: false, egress: false}\n" : "").ToString();
        }
    }
}
