using System.Globalization;
using KvStoreMesh.MeshBench.Mock;
using KvStoreMesh.MeshBench.Processes;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>Mock clusters in real etcds, filled, and the configurations by which a daemon finds them.</summary>
internal sealed class MockSources : IAsyncDisposable
{
    private readonly int _ownConnections;

    private MockSources(EtcdServer[] etcds, MockProcess mock, string configs, string[] sources, int keys)
    {
        (Etcds, Mock, Configs, Sources, Keys) = (etcds, mock, configs, sources, keys);
        _ownConnections = SocketTable.CountServedBy([.. Etcds.Select(etcd => etcd.Port)]);
    }

    public EtcdServer[] Etcds { get; }

    public EtcdServer Etcd => Etcds[0];

    public MockProcess Mock { get; }

    /// <summary>The directory for <c>--clustermesh-config</c>.</summary>
    public string Configs { get; }

    /// <summary>For <c>subscribe --source</c>.</summary>
    public string[] Sources { get; }

    /// <summary>Keys in all.</summary>
    public int Keys { get; }

    /// <summary>All clusters in one etcd, as in Cilium's scale test.</summary>
    public static Task<MockSources> InOneEtcdAsync(ScenarioRun run, int clusters, MockShape shape) => StartAsync(run, clusters, shape, MockLayout.Cached, 1);

    /// <summary>Every cluster in an etcd of its own.</summary>
    public static Task<MockSources> InOwnEtcdsAsync(ScenarioRun run, int clusters, MockShape shape) => StartAsync(run, clusters, shape, MockLayout.State, clusters);

    public async ValueTask DisposeAsync()
    {
        await Mock.DisposeAsync();
        foreach (var etcd in Etcds)
        {
            await etcd.DisposeAsync();
        }
    }

    /// <summary>The counts of all etcds together.</summary>
    public async Task<EtcdCounts> CountAsync()
    {
        var counts = await Task.WhenAll(Etcds.Select(etcd => etcd.CountAsync()));
        return new(counts.Sum(count => count.WatchStreams), counts.Sum(count => count.Watchers));
    }

    /// <summary>Connections to the etcds, without those there were before any reader: the mock's, and that of each etcd's gateway to itself.</summary>
    public int CountConnections() => SocketTable.CountServedBy([.. Etcds.Select(etcd => etcd.Port)]) - _ownConnections;

    private static string NameOf(int cluster) => string.Create(CultureInfo.InvariantCulture, $"cluster-{cluster + 1:d3}");

    private static async Task<MockSources> StartAsync(ScenarioRun run, int clusters, MockShape shape, MockLayout layout, int etcdCount)
    {
        var etcds = new List<EtcdServer>();
        for (var i = 0; i < etcdCount; i++)
        {
            etcds.Add(await EtcdServer.StartAsync("etcd", run.Workspace, run.CancellationToken));
        }

        var configs = run.Workspace.Folder("clustermesh");
        for (var i = 0; i < clusters; i++)
        {
            Workspace.Write(configs, NameOf(i), $"endpoints:\n- {etcds[i % etcdCount].Url}\n");
        }

        var mock = MockProcess.Start(etcds.Select(etcd => run.Workspace.EtcdConfig(etcd.Url)), clusters, shape, layout);
        var filled = await mock.FillAsync(run.CancellationToken);
        run.Progress($"{filled.Keys} keys of {clusters} clusters written in {filled.Seconds:0.0} s");
        string[] sources = layout == MockLayout.Cached
            ? [etcds[0].Url]
            : [.. etcds.Select((etcd, i) => $"{NameOf(i)}={etcd.Url}")];
        return new MockSources([.. etcds], mock, configs, sources, filled.Keys);
    }
}
