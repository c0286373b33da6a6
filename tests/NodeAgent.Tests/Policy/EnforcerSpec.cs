using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.Manifests;
using KvStoreMesh.NodeAgent.Policy;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.NodeAgent.Tests.Policy;

/// <summary>An enforcer of cluster a over given maps, with one endpoint <c>demo/be</c>, number 42, unless told otherwise.</summary>
internal sealed class EnforcerSpec
{
    public const string Endpoint = "{name: be, namespace: demo, labels: {app: be}, ips: [10.9.0.2, 'fd09::2'], interface: h0, id: 42}";

    private static readonly ClusterName Local = Some.Cluster(ModelPolicy.LocalCluster);

    public EnforcerSpec(
        IPolicyDatapath? datapath = null,
        PolicyEnforcerOptions? options = null,
        IReadOnlyDictionary<IpPrefix, IpCacheEntry>? adopted = null)
    {
        Datapath = datapath ?? new MemoryPolicyDatapath(16384);
        Enforcer = new(options ?? new(), Datapath, adopted ?? new Dictionary<IpPrefix, IpCacheEntry>(), Identities, IpCache, Local, NullLogger.Instance);
    }

    public IPolicyDatapath Datapath { get; }

    public IdentityTable Identities { get; } = new(Local);

    public IpCacheTable IpCache { get; } = new(Local, "own", null);

    public PolicyEnforcer Enforcer { get; }

    public IReadOnlyDictionary<PolicyKey, PolicyEntry> Map => Datapath.Open(42).Read();

    public EnforcerSpec Policies(params string[] texts)
    {
        Enforcer.SetPolicies(Reading("p", texts));
        return this;
    }

    public EnforcerSpec Endpoints(params string[] texts)
    {
        Enforcer.SetEndpoints(Reading("e", texts));
        return this;
    }

    public EnforcerSpec Pod(ModelPolicy.Remote pod)
    {
        var text = $"k8s:app={pod.App};k8s:io.cilium.k8s.policy.cluster={pod.Cluster};k8s:io.kubernetes.pod.namespace={pod.Namespace};";
        Assert.True(IdentityLabels.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var labels, out _));
        Identities.Upsert(Some.Cluster(pod.Cluster!), $"{pod.Id}", labels);
        return this;
    }

    /// <summary>A whole round, as the agent does it.</summary>
    public EnforcerSpec Round(bool release = true)
    {
        Enforcer.Update();
        if (release)
        {
            Enforcer.Release(_ => true);
        }

        Assert.Null(Enforcer.Put());
        Assert.Null(Enforcer.Delete());
        Assert.True(Enforcer.Attach());
        return this;
    }

    public bool Passes(uint identity, bool ingress, string protocol, int port) => PolicyMapLookup.Find(
        Map, identity, ingress ? PolicyDirection.Ingress : PolicyDirection.Egress, PortRange.ProtocolOf(protocol)!.Value, (ushort)port) is { Value.IsDeny: false };

    public static string Cnp(string spec, string name = "p") =>
        $"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {{name: {name}, namespace: demo}}\nspec: {spec}\n";

    public static ManifestReading Reading(string prefix, params string[] texts) =>
        new([.. texts.Select((text, i) => new ManifestFile($"{prefix}{i}.yaml", text, null))], null);
}
