using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.Hosting;
using KvStoreMesh.Replicator.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace KvStoreMesh.Replicator.Tests.Hosting;

/// <summary>The whole daemon in this process, on free ports, with a directory whose clusters nobody can reach.</summary>
public sealed class DaemonTests : IAsyncLifetime, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kvstoremesh-daemon-").FullName;
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "b"), "endpoints:\n- http://127.0.0.1:1\n");
        await File.WriteAllTextAsync(Path.Combine(_directory, "Bad_Name"), "endpoints:\n- http://127.0.0.1:1\n");
        await File.WriteAllTextAsync(Path.Combine(_directory, "c"), "endpoints: [\n");
        _app = DaemonHost.Build(Options(new ListenAddress(IPAddress.Loopback, 0)), TimeProvider.System, new Random(1));
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        _http = new HttpClient { BaseAddress = new Uri(addresses.Last()) };
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Every_file_that_does_not_work_is_named_in_the_status()
    {
        JsonArray clusters;
        do
        {
            clusters = JsonNode.Parse(await _http.GetStringAsync("/v1/cluster"))!.AsArray();
        }
        while (clusters.Count < 3 || !clusters.Skip(1).All(cluster => Status(cluster!).StartsWith("Err: ", StringComparison.Ordinal)));

        Assert.Equal(["Bad_Name", "b", "c"], clusters.Select(cluster => (string?)cluster!["name"]));
        Assert.DoesNotContain(clusters, cluster => cluster!["ready"] is not null);
        Assert.Contains("rename the file", Status(clusters[0]!), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", Status(clusters[1]!), StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_directory, "c"), Status(clusters[2]!), StringComparison.Ordinal);

        var configuration = JsonNode.Parse(await _http.GetStringAsync("/v1/configuration"))!;
        Assert.Equal("Bad_Name", (string?)Assert.Single(configuration["problems"]!.AsArray())!["cluster"]);
        Assert.Equal(JsonValueKind.Array, JsonNode.Parse(await _http.GetStringAsync("/v1/subscribers"))!.GetValueKind());
    }

    [Fact]
    public async Task Probes_and_metrics_answer()
    {
        Assert.Equal("ok\n", await _http.GetStringAsync("/healthz"));
        using var ready = await _http.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.InternalServerError, ready.StatusCode);
        Assert.StartsWith("NotReady\nwaiting for b, c", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var metrics = await _http.GetStringAsync("/metrics");
        Assert.All(
            (string[])["cilium_kvstoremesh_remote_clusters", "kvstoremesh_subscribers", "kvstoremesh_source_watches", "kvstoremesh_head_seq",
                "kvstoremesh_configuration_problems"],
            name => Assert.Contains($"\n{name}{{", metrics, StringComparison.Ordinal));
    }

    [Fact]
    public void An_address_in_use_is_refused_by_the_name_of_its_option()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = new ListenAddress(IPAddress.Loopback, ((IPEndPoint)taken.LocalEndpoint).Port);

        var refused = Assert.Throws<OptionException>(() => Endpoints.EnsureFree(Options(address)));

        Assert.StartsWith($"--listen: cannot listen on {address} (", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_given_twice_is_refused_by_the_name_of_the_second_option()
    {
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        var options = new DaemonOptions
        {
            ClusterConfigs = Options(new ListenAddress(IPAddress.Loopback, 0)).ClusterConfigs,
            Listen = new ListenAddress(IPAddress.Loopback, port),
            Http = [("--http", new ListenAddress(IPAddress.Loopback, port)), ("--health-port", new ListenAddress(null, 0))],
        };

        Assert.StartsWith("--http: ", Assert.Throws<OptionException>(() => Endpoints.EnsureFree(options)).Message, StringComparison.Ordinal);
    }

    private static string Status(JsonNode cluster) => (string?)cluster["status"] ?? "";

    private DaemonOptions Options(ListenAddress listen) => new()
    {
        ClusterConfigs = new ClusterConfigOptions { Directory = _directory, LocalCluster = ClusterName.Parse("a") },
        Listen = listen,
        Http = [("--http", new ListenAddress(IPAddress.Loopback, 0))],
    };
}
