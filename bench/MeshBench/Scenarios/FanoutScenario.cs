using KvStoreMesh.MeshBench.Mock;
using KvStoreMesh.MeshBench.Results;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>What it costs to bring one stream of changes to many subscribers.</summary>
internal sealed class FanoutScenario : IScenario
{
    public string Name => "fanout";

    public string Description => "One stream of changes to many subscribers: daemon, direct etcd watchers, etcd grpc-proxy";

    public IReadOnlyList<ScenarioParameter> Parameters { get; } =
    [
        new("subscribers", "Numbers of subscribers, by commas", "100,1000,5000", "20"),
        new("systems", "Which systems, by commas", $"{SubscriberSystem.Mesh},{SubscriberSystem.Direct},{SubscriberSystem.Proxy}", $"{SubscriberSystem.Mesh},{SubscriberSystem.Direct},{SubscriberSystem.Proxy}"),
        new("clusters", "Mock clusters, all in one etcd", "50", "5"),
        new("keys", "Keys of each cluster", "120", "60"),
        new("rate", "Changes a second in the steady phase", "325", "200"),
        new("warmup", "Seconds of changes before anything is measured", "4", "0.5"),
        new("seconds", "Length of each phase", "20", "2"),
    ];

    public async Task RunAsync(ScenarioRun run)
    {
        foreach (var subscribers in run.Ints("subscribers"))
        {
            foreach (var name in run.Words("systems"))
            {
                // Everything anew for each system: nobody inherits another's history.
                await using var sources = await MockSources.InOneEtcdAsync(run, run.Int("clusters"), MockShape.OfKeys(run.Int("keys")));
                await using var system = await SubscriberSystem.StartAsync(run, name, sources);
                await system.Fleet.ConnectAsync(subscribers, TimeSpan.FromMinutes(5), run.CancellationToken);
                var load = new LoadPhase(run, system, subscribers);
                await load.WarmUpAsync(run.Double("rate"), run.Seconds("warmup"));
                var steady = await load.SteadyAsync(run.Double("rate"), run.Seconds("seconds"));
                Check(run, steady);
                var saturated = await load.SaturatedAsync(run.Seconds("seconds"));
                Check(run, saturated);
            }

            Compare(run, subscribers);
        }

        run.Note("lag: from the writing of a value, before its Put, to its arrival at a subscriber; the source's etcd and the wait of the reading process for its core included");
        run.Note("CPU s: everything between writer and readers, so for kvstoremesh daemon and etcd, for etcd-direct etcd alone, for etcd-grpc-proxy both");
        run.Note("etcd watchers are spared what an agent does: each has one watch instead of five a cluster, and no initial list");
    }

    private static void Check(ScenarioRun run, BenchResult result)
    {
        if (result.System != SubscriberSystem.Mesh || result.Subscribers < 100)
        {
            return;
        }

        if (result.Phase == "saturation")
        {
            run.AtLeast($"deliveries at saturation, N = {result.Subscribers}", 1_500_000, result.Details["deliveries_per_s"], "1/s");
        }
        else if (result.Subscribers == 1000)
        {
            run.AtMost("daemon at 325 events/s, N = 1000", 0.6, result.Details["server_cores"], "cores");
            run.AtMost("lag p99 at 325 events/s, N = 1000", 150, result.LagMs!.P99, "ms");
        }
    }

    private static void Compare(ScenarioRun run, int subscribers)
    {
        foreach (var ours in run.Report.Results.Where(result => result.System == SubscriberSystem.Mesh && result.Subscribers == subscribers).ToList())
        {
            foreach (var other in run.Report.Results.Where(
                result => result.System != SubscriberSystem.Mesh && result.Subscribers == subscribers && result.Phase == ours.Phase))
            {
                var what = $"{ours.Phase}, N = {subscribers}: kvstoremesh / {other.System}";
                run.Ratio($"CPU per delivery, {what}", ours.CpuUsPerDelivery, other.CpuUsPerDelivery);
                run.Ratio($"lag p99, {what}", ours.LagMs?.P99, other.LagMs?.P99);
                run.Ratio($"deliveries/s, {what}", ours.Details["deliveries_per_s"], other.Details["deliveries_per_s"]);
                if (subscribers == 1000 && ours.Phase == "steady" && ours.CpuUsPerDelivery is { } mine && other.CpuUsPerDelivery is { } theirs)
                {
                    run.AtMost($"CPU per delivery against {other.System}, N = 1000", 0.2, mine / theirs, "ratio");
                }
            }
        }
    }
}
