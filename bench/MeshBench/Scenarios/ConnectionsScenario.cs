using System.Globalization;
using KvStoreMesh.MeshBench.Mock;
using KvStoreMesh.MeshBench.Results;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>Who is connected to the etcds of M clusters when N agents follow all of them.</summary>
internal sealed class ConnectionsScenario : IScenario
{
    private const double ChangesPerSecond = 50;

    public string Name => "connections";

    public string Description => "N agents and M clusters: connections and watches at the etcds, direct and through the daemon";

    public IReadOnlyList<ScenarioParameter> Parameters { get; } =
    [
        new("clusters", "Numbers of clusters, each with an etcd of its own", "2,4,8,16", "2,3"),
        new("agents", "Numbers of agents", "1,10,50,200", "1,5"),
        new("mirrored", "Numbers of clusters that share one etcd, with the daemon only", "50,250", "20"),
        new("keys", "Keys of each cluster", "60", "20"),
        new("seconds", "How long each is churned before it is counted and verified", "2", "0.5"),
    ];

    public async Task RunAsync(ScenarioRun run)
    {
        foreach (var clusters in run.Ints("clusters"))
        {
            await using var sources = await MockSources.InOwnEtcdsAsync(run, clusters, MockShape.OfKeys(run.Int("keys")));
            foreach (var agents in run.Ints("agents"))
            {
                await MeasureAsync(run, sources, SubscriberSystem.Agents, clusters, agents);
                Check(run, await MeasureAsync(run, sources, SubscriberSystem.Mesh, clusters, agents), clusters, watchesPerCluster: 4);
            }
        }

        foreach (var clusters in run.Ints("mirrored"))
        {
            await using var sources = await MockSources.InOneEtcdAsync(run, clusters, MockShape.OfKeys(run.Int("keys")));
            Check(run, await MeasureAsync(run, sources, SubscriberSystem.Mesh, clusters, run.Ints("agents")[^1], mirrored: true), clusters, watchesPerCluster: 9);
        }

        Plot(run);
        run.Note("connections and watch streams: at the etcds, the mock's own writers not counted; an agent of agents-direct has one connection and six watches a cluster, as Cilium's client");
        run.Note("total connections: those at the etcds and those at the daemon together");
    }

    private static async Task<BenchResult> MeasureAsync(
        ScenarioRun run, MockSources sources, string name, int clusters, int agents, bool mirrored = false)
    {
        await WaitUntilAloneAsync(run, sources);
        await using var system = await SubscriberSystem.StartAsync(run, name, sources);
        var subscribers = agents * system.ConnectionsPerReader;
        await system.Fleet.ConnectAsync(subscribers, TimeSpan.FromMinutes(3), run.CancellationToken);
        await sources.Mock.ChurnAsync(ChangesPerSecond, run.CancellationToken);
        await run.DelayAsync(run.Seconds("seconds"));
        await sources.Mock.RestAsync(run.CancellationToken);
        var verdict = await system.Fleet.VerifyAsync(agents, TimeSpan.FromSeconds(60), run.CancellationToken);
        var counts = await sources.CountAsync();
        var connections = sources.CountConnections();
        var result = new BenchResult
        {
            System = name,
            Phase = mirrored ? "one etcd" : "own etcds",
            Subscribers = agents,
            Connections = connections,
            Watchers = counts.Watchers,
            Lost = verdict.Lost,
            Details =
            {
                ["clusters"] = clusters,
                ["watch_streams"] = counts.WatchStreams,
                ["total_connections"] = name == SubscriberSystem.Mesh ? connections + agents : connections,
            },
        };
        run.Add(result);
        return result;
    }

    // The readers before have gone, also for the kernel.
    private static async Task WaitUntilAloneAsync(ScenarioRun run, MockSources sources)
    {
        for (var i = 0; i < 500 && sources.CountConnections() > 0; i++)
        {
            await run.DelayAsync(TimeSpan.FromMilliseconds(20));
        }
    }

    private static void Check(ScenarioRun run, BenchResult result, int clusters, int watchesPerCluster)
    {
        var what = $"M = {clusters}, N = {result.Subscribers}, {result.Phase}";
        run.AtMost($"connections, {what}", clusters, result.Connections!.Value, "connections");
        run.AtMost($"watch streams, {what}", clusters, result.Details["watch_streams"], "streams");
        run.AtMost($"watches, {what}", watchesPerCluster * clusters, result.Watchers!.Value, "watches");
    }

    private static void Plot(ScenarioRun run)
    {
        var plot = new SvgPlot("TCP connections: N agents follow M clusters", "agents", "connections (at etcds and daemon)");
        foreach (var name in (string[])[SubscriberSystem.Agents, SubscriberSystem.Mesh])
        {
            foreach (var clusters in run.Ints("clusters"))
            {
                plot.Add(
                    string.Create(CultureInfo.InvariantCulture, $"{name}, {clusters} clusters"),
                    dashed: name == SubscriberSystem.Mesh,
                    run.Report.Results
                        .Where(result => result.System == name && result.Phase == "own etcds" && result.Details["clusters"] == clusters)
                        .Select(result => ((double)result.Subscribers!.Value, result.Details["total_connections"])));
            }
        }

        run.Report.Plot = plot.ToString();
        var (largest, most) = (run.Ints("clusters")[^1], run.Ints("agents")[^1]);
        BenchResult Of(string name) => run.Report.Results.First(
            result => result.System == name && result.Phase == "own etcds" && result.Subscribers == most && result.Details["clusters"] == largest);
        var (ours, direct) = (Of(SubscriberSystem.Mesh), Of(SubscriberSystem.Agents));
        run.Ratio($"connections, N = {most}, M = {largest}: kvstoremesh / agents-direct", ours.Details["total_connections"], direct.Connections);
        run.Ratio($"watches at the etcds, N = {most}, M = {largest}: kvstoremesh / agents-direct", ours.Watchers, direct.Watchers);
    }
}
