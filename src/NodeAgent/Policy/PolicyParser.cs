using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Manifests;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>
/// Reads CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy. A field that is not supported refuses the whole file: without
/// it the rule would mean something else, and mostly more.
/// </summary>
internal sealed class PolicyParser
{
    private const string ApiVersion = "cilium.io/v2";
    private const int MaxSpecs = 1000;
    private const int MaxRules = 1000;

    private readonly string _file;
    private readonly string _policy;
    private readonly PeerParser _peers;
    private readonly string? _namespace;

    private PolicyParser(string file, string name, string? @namespace, PolicyScope scope)
    {
        (_file, _namespace) = (file, @namespace);
        _policy = @namespace is null ? name : $"{@namespace}/{name}";
        _peers = new PeerParser(@namespace, scope);
    }

    /// <summary>Reads all policies of a file.</summary>
    /// <exception cref="ManifestException">Something in it cannot be applied; nothing of the file counts then.</exception>
    public static IReadOnlyList<PolicySpec> Parse(string file, string text, PolicyScope scope)
    {
        var documents = YamlDocuments.Read(text);
        return documents.Count > 0
            ? [.. documents.SelectMany(document => ParseDocument(file, ManifestFields.Of(string.Empty, document), scope))]
            : throw new ManifestException(1, string.Empty, "is empty; to drop its policies, remove the file");
    }

    private static List<PolicySpec> ParseDocument(string file, ManifestFields document, PolicyScope scope)
    {
        if (document.TakeText("apiVersion") is not ApiVersion)
        {
            throw document.Refuse("apiVersion", $"must be {ApiVersion}");
        }

        var isClusterwide = document.TakeText("kind") switch
        {
            "CiliumNetworkPolicy" => false,
            "CiliumClusterwideNetworkPolicy" => true,
            _ => throw document.Refuse("kind", "must be CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy"),
        };
        var metadata = document.TakeMapping("metadata") ?? throw document.Refuse("metadata", "must be there with a name");
        var name = metadata.TakeText("name") ?? throw metadata.Refuse("name", "must be there");
        var @namespace = metadata.TakeText("namespace");
        if (isClusterwide && @namespace is not null)
        {
            throw metadata.Refuse("namespace", "goes with CiliumNetworkPolicy only");
        }

        document.Ignore("status");
        var parser = new PolicyParser(file, name, isClusterwide ? null : @namespace ?? "default", scope);
        List<PolicySpec> specs = [];
        if (document.TakeMapping("spec") is { } spec)
        {
            specs.Add(parser.ParseSpec(spec));
        }

        foreach (var (path, node) in document.TakeList("specs", MaxSpecs) ?? [])
        {
            specs.Add(parser.ParseSpec(ManifestFields.Of(path, node)));
        }

        document.RefuseRest();
        return specs.Count > 0 ? specs : throw document.Refuse("spec", "must be there, or specs");
    }

    private PolicySpec ParseSpec(ManifestFields spec)
    {
        spec.Ignore("description", "labels");
        if (spec.Take("nodeSelector") is not null)
        {
            throw spec.Refuse("nodeSelector", "is not supported: policies of hosts are not enforced here");
        }

        var selector = spec.TakeMapping("endpointSelector") ?? throw spec.Refuse("endpointSelector", "must be there; {} selects all");
        var subject = SelectorParser.Parse(selector);
        if (_namespace is not null)
        {
            subject = subject.And(LabelRequirement.Equal(new(IdentityLabel.Kubernetes, LabelKey.Namespace), _namespace));
        }

        List<PolicyRule> ingress = [.. ParseRules(spec, PolicyDirection.Ingress, isDeny: false), .. ParseRules(spec, PolicyDirection.Ingress, isDeny: true)];
        List<PolicyRule> egress = [.. ParseRules(spec, PolicyDirection.Egress, isDeny: false), .. ParseRules(spec, PolicyDirection.Egress, isDeny: true)];
        if (ingress.Count + egress.Count == 0)
        {
            throw spec.Refuse(string.Empty, "must have at least one of ingress, ingressDeny, egress and egressDeny with something in it");
        }

        var defaultDeny = spec.TakeMapping("enableDefaultDeny");
        var (denyIngress, denyEgress) = (defaultDeny?.TakeBoolean("ingress"), defaultDeny?.TakeBoolean("egress"));
        defaultDeny?.RefuseRest();
        spec.RefuseRest();
        return new(
            new(_file, _policy, spec.Path), subject, [.. ingress, .. egress], denyIngress ?? ingress.Count > 0, denyEgress ?? egress.Count > 0);
    }

    private IEnumerable<PolicyRule> ParseRules(ManifestFields spec, PolicyDirection direction, bool isDeny)
    {
        var section = (direction == PolicyDirection.Ingress ? "ingress" : "egress") + (isDeny ? "Deny" : string.Empty);
        foreach (var (path, node) in spec.TakeList(section, MaxRules) ?? [])
        {
            var rule = ManifestFields.Of(path, node);
            var ports = PortParser.Parse(rule);
            var peers = _peers.Parse(rule, direction);
            rule.RefuseRest();

            // Ports alone mean anybody on them; an entry that says nothing at all is about nobody, and only makes its direction enforced.
            yield return new(new(_file, _policy, path), direction, isDeny, peers ?? (ports is null ? [] : [new AnyPeer()]), ports);
        }
    }
}
