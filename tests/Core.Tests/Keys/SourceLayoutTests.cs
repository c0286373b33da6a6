using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Golden;

namespace KvStoreMesh.Core.Tests.Keys;

public sealed class SourceLayoutTests
{
    private static readonly ClusterName Ape = ClusterName.Parse("ape");
    private static readonly ClusterCapabilities Full = new(true, false, 255, true, EndpointSlicesExportMode.ServicesAndEndpointSlices);
    private static readonly SourceLayout Own = new(Ape, Full);
    private static readonly SourceLayout Mirror = new(Ape, Full with { Cached = true });

    [Theory]
    [InlineData(ResourceKind.Identities, "cilium/state/identities/v1/id/", "cilium/cache/identities/v1/ape/id/", "identities")]
    [InlineData(ResourceKind.Nodes, "cilium/state/nodes/v1/ape/", "cilium/cache/nodes/v1/ape/", "nodes")]
    [InlineData(ResourceKind.Endpoints, "cilium/state/ip/v1/default/", "cilium/cache/ip/v1/ape/", "ip")]
    [InlineData(ResourceKind.Services, "cilium/state/services/v1/ape/", "cilium/cache/services/v1/ape/", "services")]
    [InlineData(ResourceKind.EndpointSlices, "cilium/state/endpointslices/v1/ape/", "cilium/cache/endpointslices/v1/ape/", "endpointslices")]
    [InlineData(ResourceKind.ServiceExports, "cilium/state/serviceexports/v1/ape/", "cilium/cache/serviceexports/v1/ape/", "serviceexports")]
    public void Each_resource_has_its_range_and_canary(ResourceKind kind, string own, string mirror, string name)
    {
        foreach (var (layout, prefix, root) in new[] { (Own, own, "state"), (Mirror, mirror, "cache") })
        {
            Assert.Equal(SourceRange.Prefix(prefix), layout.RangeOf(kind));
            Assert.True(layout.TryMap(prefix + "some/thing", out var key));
            Assert.Equal(new(kind, "some/thing"), key);
            Assert.False(layout.TryMap(prefix, out _));
            Assert.True(layout.TryMapCanary($"cilium/synced/ape/cilium/{root}/{name}/v1", out var announced));
            Assert.Equal(kind, announced);
        }
    }

    [Theory]
    [InlineData("cilium/state/nodes/v1/apes/n")]
    [InlineData("cilium/state/nodes/v1/walrus/n")]
    [InlineData("cilium/state/identities/v1/value/k8s:app=x;")]
    [InlineData("cilium/state/identities/v1/locks/k8s:app=x;/1")]
    [InlineData("cilium/state/noderegister/v1/ape/n")]
    [InlineData("cilium/cache/nodes/v1/ape/n")]
    [InlineData("cilium/cluster-config/ape")]
    [InlineData("cilium/.heartbeat")]
    public void What_is_not_the_cluster_s_to_export_is_not_mirrored(string key) => Assert.False(Own.TryMap(key, out _));

    [Theory]
    [InlineData("cilium/synced/ape/cilium/cache/nodes/v1")]
    [InlineData("cilium/synced/walrus/cilium/state/nodes/v1")]
    [InlineData("cilium/synced/ape/cilium/state/nodes/v1/x")]
    [InlineData("cilium/synced/ape/cilium/state/ip/v1/default")]
    [InlineData("cilium/synced/ape/")]
    public void Other_canaries_announce_nothing(string key) => Assert.False(Own.TryMapCanary(key, out _));

    [Theory]
    [InlineData("", null, "Identities Nodes Endpoints Services")]
    [InlineData("", false, "Identities Nodes Endpoints Services ServiceExports")]
    [InlineData("services-and-endpointslices", true, "Identities Nodes Endpoints Services EndpointSlices ServiceExports")]
    [InlineData("endpointslices-only", null, "Identities Nodes Endpoints EndpointSlices")]
    [InlineData("mode-of-a-later-cilium", null, "Identities Nodes Endpoints Services EndpointSlices")]
    public void What_is_offered_follows_from_the_capabilities(string mode, bool? exports, string kinds)
    {
        var layout = new SourceLayout(Ape, Full with { EndpointSlicesExportMode = mode, ServiceExportsEnabled = exports });
        Assert.Equal(kinds, string.Join(' ', layout.Resources));
        Assert.All(
            Own.Resources.Except(layout.Resources),
            kind =>
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => layout.RangeOf(kind));
                Assert.False(layout.TryMapCanary($"cilium/synced/ape/{ResourcePrefixes.State(kind)}", out _));
            });
    }

    [Fact]
    public void Watches_keep_to_what_a_remote_reader_may_read()
    {
        SourceRange[] always =
            [new("cilium/cluster-config/ape", ""), new("cilium/synced/ape/", "cilium/synced/ape0"), new("cilium/.heartbeat", "")];
        Assert.Equal([new("cilium/state/", "cilium/state0"), .. always], Own.WatchRanges);
        Assert.Equal([.. Mirror.Resources.Select(Mirror.RangeOf), .. always], Mirror.WatchRanges);
    }

    [GoldenFact]
    public void A_sibling_cluster_s_keys_are_never_touched()
    {
        // The vector speaks of a resource "foo/bar"; nodes have the same shape.
        static string Named(string key) => key.Replace("foo/bar", "nodes/v1", StringComparison.Ordinal);
        foreach (var (index, layout) in new[] { (0, Own), (1, Mirror) })
        {
            var vector = GoldenVectors.Load("26").GetProperty("expect").GetProperty("cases")[index];
            var remote = vector.GetProperty("remote").EnumerateArray().Select(key => Named(key.GetString()!)).ToList();
            var mirrored = remote.Where(key => layout.TryMap(key, out _)).Select(key =>
            {
                layout.TryMap(key, out var meshKey);
                return $"{ResourcePrefixes.Cache(meshKey.Kind)}/ape/{meshKey.Name}";
            });

            Assert.Single(remote, key => layout.TryMapCanary(key, out _));
            Assert.Equal(
                vector.GetProperty("local").EnumerateArray().Select(key => Named(key.GetString()!)).Where(key => !key.Contains("synced", StringComparison.Ordinal)),
                mirrored);
        }
    }

    [GoldenFact]
    public void State_and_cache_prefixes_correspond()
    {
        var pair = GoldenVectors.Load("38").GetProperty("expect").GetProperty("state_to_cache")[0];
        string Prefix(int i) => pair[i].GetString()!.Replace("foo/bar", "services/v1", StringComparison.Ordinal);
        Assert.Equal((Prefix(0), Prefix(1)), (ResourcePrefixes.State(ResourceKind.Services), ResourcePrefixes.Cache(ResourceKind.Services)));
    }
}
