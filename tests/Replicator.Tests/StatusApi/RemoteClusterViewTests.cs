using System.Text.Json;
using System.Text.Json.Nodes;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.Commands;
using KvStoreMesh.Replicator.StatusApi;
using KvStoreMesh.TestSupport.Golden;

namespace KvStoreMesh.Replicator.Tests.StatusApi;

/// <summary>Cilium's <c>/v1/cluster</c> and the text of its <c>kvstoremesh-dbg status</c>, to the letter.</summary>
public sealed class RemoteClusterViewTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ResourceKind[] All = [.. Some.Resources, ResourceKind.EndpointSlices, ResourceKind.ServiceExports];

    // Of the golden case: cluster3 with services and endpoint slices, MCS-API known and off.
    private static readonly RemoteClusterStatus Ready = Some.Status("cluster3", RemoteClusterPhase.Watching) with
    {
        Config = new CiliumClusterConfig(3, new ClusterCapabilities(true, false, 255, false, EndpointSlicesExportMode.ServicesAndEndpointSlices)),
        Counts = new Dictionary<ResourceKind, int>
        {
            [ResourceKind.Nodes] = 3,
            [ResourceKind.Endpoints] = 25,
            [ResourceKind.Identities] = 8,
            [ResourceKind.Services] = 10,
        },
        Resources = All,
        Synced = All,
    };

    [GoldenFact]
    public void A_ready_cluster_is_shown_as_Cilium_shows_it()
    {
        var expected = JsonNode.Parse(GoldenVectors.Load("45").GetProperty("expect").GetProperty("json").GetRawText())!;
        var actual = Json(RemoteClusterView.Of(Ready, null, Now));
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(actual)), actual);

        // The order of fields too: people read it with their eyes.
        Assert.Equal(
            expected[0]!.AsObject().Select(field => field.Key), JsonNode.Parse(actual)![0]!.AsObject().Select(field => field.Key));
    }

    [GoldenFact]
    public void Its_text_is_Ciliums_too()
    {
        var expected = GoldenVectors.Load("45").GetProperty("expect").GetProperty("text_verbose").EnumerateArray().Select(line => line.GetString());
        Assert.Equal(expected, StatusText.Clusters([RemoteClusterView.Of(Ready, null, Now)], verbose: true, Now).TrimEnd('\n').Split('\n'));
    }

    [GoldenFact]
    public void Nothing_is_synced_before_a_config_but_services_that_nobody_waits_for()
    {
        var expected = GoldenVectors.Load("25").GetProperty("expect").GetProperty("before_run").GetProperty("synced");
        var model = RemoteClusterView.Of(Some.Status("foo", RemoteClusterPhase.Connecting, known: false), null, Now);
        Assert.False(model.Ready);
        Assert.Equal(
            (expected.GetProperty("nodes").GetBoolean(), expected.GetProperty("services").GetBoolean(),
                expected.GetProperty("identities").GetBoolean(), expected.GetProperty("endpoints").GetBoolean()),
            (model.Synced!.Nodes, model.Synced.Services, model.Synced.Identities, model.Synced.Endpoints));
        Assert.Null(model.Synced.EndpointSlices);
        Assert.Equal("Waiting for initial connection to be established", model.Status);
        Assert.Equal((true, false), (model.Config!.Required, model.Config.Retrieved));
    }

    [Fact]
    public void A_ready_cluster_whose_config_is_broken_shows_it_unasked()
    {
        var broken = RemoteClusterView.Of(Ready with { ConfigProblem = "no longer parses" }, null, Now);

        Assert.Contains("cluster configuration: no longer parses", StatusText.Clusters([broken], verbose: false, Now), StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_of_endpoint_slices_alone_does_not_wait_for_services()
    {
        ResourceKind[] offered = [ResourceKind.Nodes, ResourceKind.Identities, ResourceKind.Endpoints, ResourceKind.EndpointSlices];
        var model = RemoteClusterView.Of(Ready with { Resources = offered, Synced = offered }, null, Now);
        Assert.Equal((true, true), (model.Ready, model.Synced!.Services));
        Assert.Equal((true, null), (model.Synced.EndpointSlices, model.Synced.ServiceExports));
    }

    [Fact]
    public void A_cluster_over_its_quota_says_so_while_it_waits_and_while_it_is_listed_again()
    {
        var over = Ready with { Phase = RemoteClusterPhase.Listing, Synced = [], Excess = "too many keys" };
        Assert.EndsWith("; over quota: too many keys", RemoteClusterView.Of(over, null, Now).Status, StringComparison.Ordinal);
        var waiting = over with
        {
            Phase = RemoteClusterPhase.BackingOff,
            LastErrorPhase = SourcePhase.Quota,
            LastError = over.Excess,
            NextAttempt = Now.AddSeconds(5),
        };
        Assert.Equal("Err: Quota: too many keys; next attempt in 5s", RemoteClusterView.Of(waiting, null, Now).Status);
    }

    [Fact]
    public void A_lost_cluster_says_what_failed_and_when_it_is_tried_again()
    {
        var lost = Ready with
        {
            Phase = RemoteClusterPhase.BackingOff,
            Failures = 2,
            LastFailure = Now.AddSeconds(-63),
            LastErrorPhase = SourcePhase.Tcp,
            LastError = "connection refused by 10.0.0.1:2379",
            NextAttempt = Now.AddSeconds(1.5),
        };

        var model = RemoteClusterView.Of(lost, null, Now);

        Assert.Equal("Err: Tcp: connection refused by 10.0.0.1:2379; next attempt in 1.5s", model.Status);
        Assert.False(model.Connected);
        Assert.Contains("\"last-failure\":\"2026-07-01T11:58:57.000Z\"", Json(model), StringComparison.Ordinal);
        Assert.Contains(
            "cluster3: not-ready, 3 nodes, 25 endpoints, 8 identities, 10 services, 0 endpoint slices, 0 MCS-API service exports, 2 reconnections (last: 1m3s ago)",
            StatusText.Clusters([model], verbose: false, Now),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_config_and_a_bad_file_are_named()
    {
        var waiting = Some.Status("b", RemoteClusterPhase.AwaitingConfig, known: false) with { ConfigProblem = "not found" };
        var model = RemoteClusterView.Of(waiting, "/etc/mesh/b: cannot be read", Now);
        Assert.EndsWith("; cluster configuration: not found; /etc/mesh/b: cannot be read", model.Status, StringComparison.Ordinal);
        Assert.True(model.Connected);
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var model = RemoteClusterView.Of(Ready, null, Now);
        Assert.Equal(model, Assert.Single(JsonSerializer.Deserialize(Json(model), StatusJson.Cilium.IReadOnlyListRemoteClusterModel)!));
    }

    private static string Json(RemoteClusterModel model) => JsonSerializer.Serialize([model], StatusJson.Cilium.IReadOnlyListRemoteClusterModel);
}
