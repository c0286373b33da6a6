using KvStoreMesh.MeshBench.Fleet;
using KvStoreMesh.MeshBench.Mock;
using KvStoreMesh.MeshBench.Processes;
using KvStoreMesh.MeshBench.Results;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>How many changes a second get through: to agents, and into a local etcd.</summary>
internal sealed class ThroughputScenario : IScenario
{
    public string Name => "throughput";

    public string Description => "Changes a second from the source to 10 agents, against a bare watch; and bursts into a local etcd, against single Puts";

    public IReadOnlyList<ScenarioParameter> Parameters { get; } =
    [
        new("clusters", "Mock clusters, all in one etcd", "250", "20"),
        new("keys", "Keys of each cluster", "1200", "100"),
        new("agents", "Agents", "10", "10"),
        new("events", "Changes of the steady part, as fast as etcd takes them", "200000", "10000"),
        new("bursts", "Sizes of the bursts into the local etcd", "4000,40000", "1000,4000"),
        new("sequence", "Puts one after the other", "4000", "300"),
        new("rounds", "How often each; the median counts", "3", "1"),
    ];

    public async Task RunAsync(ScenarioRun run)
    {
        await using var sources = await MockSources.InOneEtcdAsync(run, run.Int("clusters"), MockShape.OfKeys(run.Int("keys")));
        var rounds = run.Int("rounds");
        var bare = await AgentsAsync(run, sources, SubscriberSystem.Direct, 1, rounds);
        var mesh = await AgentsAsync(run, sources, SubscriberSystem.Mesh, run.Int("agents"), rounds);
        run.Ratio("changes/s, kvstoremesh to its agents / bare watch", mesh, bare);
        run.AtLeast("source → agents against a bare watch reader", 0.7, mesh / bare, "ratio");
        await SinkAsync(run, sources, rounds);
        run.Note("a bare watch is one watch of the whole mirror: one stream for etcd to serve; the daemon has a stream and seven watches for each cluster");
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;

    private static async Task<double> AgentsAsync(ScenarioRun run, MockSources sources, string name, int subscribers, int rounds)
    {
        await using var system = await SubscriberSystem.StartAsync(run, name, sources);
        await system.Fleet.ConnectAsync(subscribers, TimeSpan.FromMinutes(5), run.CancellationToken);
        var load = new LoadPhase(run, system, subscribers);
        await load.WarmUpAsync(5_000, TimeSpan.FromSeconds(1));
        var rates = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            rates.Add((await load.BurstAsync(run.Int("events"))).Details["changes_per_s"]);
        }

        return Median(rates);
    }

    private static async Task SinkAsync(ScenarioRun run, MockSources sources, int rounds)
    {
        await using var local = await EtcdServer.StartAsync("local_etcd", run.Workspace, run.CancellationToken);
        await using var daemon = MeshDaemon.Start(sources.Configs, more: ["--etcd-sink", run.Workspace.EtcdConfig(local.Url)]);
        var window = new UsageWindow(daemon, local, sources.Etcd);
        var filling = System.Diagnostics.Stopwatch.GetTimestamp();
        await daemon.WaitUntilReadyAsync(TimeSpan.FromMinutes(5), run.CancellationToken);
        await daemon.WaitUntilAsync(
            async () => await daemon.MetricsAsync() is var page
                && Prometheus.Sum(page, "kvstoremesh_sink_written_keys_total") + Prometheus.Sum(page, "kvstoremesh_sink_written_keys") >= sources.Keys
                && Prometheus.Sum(page, "kvstoremesh_sink_pending_keys") == 0,
            TimeSpan.FromMinutes(5), "mirrored", run.CancellationToken);
        var seconds = System.Diagnostics.Stopwatch.GetElapsedTime(filling).TotalSeconds;
        var cpu = window.CpuSeconds();
        run.Add(new BenchResult
        {
            System = "kvstoremesh-sink",
            Phase = "fill",
            CpuSeconds = Math.Round(cpu["kvstoremesh"] + cpu["local_etcd"], 2),
            RssMb = Math.Round(ProcessUsage.Of(daemon.Id).RssMb, 1),
            Details =
            {
                ["seconds"] = Math.Round(seconds, 2),
                ["changes_per_s"] = Math.Round(sources.Keys / seconds),
                ["cpu_s_kvstoremesh"] = cpu["kvstoremesh"],
                ["cpu_s_local_etcd"] = cpu["local_etcd"],
                ["cpu_s_etcd"] = cpu["etcd"],
            },
        });
        run.AtMost("mirror of all keys into the local etcd (1/3 of Cilium's 43 s)", 43.0 / 3, seconds, "s");
        run.AtMost("daemon CPU for it (1/3 of Cilium's 27 s)", 9, cpu["kvstoremesh"], "s");
        run.AtMost("daemon RSS after it (1/2 of Cilium's 800 MB)", 400, ProcessUsage.Of(daemon.Id).RssMb, "MB");

        // What the sink did is what a watcher of the local etcd sees.
        await using var fleet = FleetProcess.Start(FleetSystem.Etcd, [local.Port], [local.Url]);
        await fleet.ConnectAsync(1, TimeSpan.FromMinutes(1), run.CancellationToken);
        await using var system = SubscriberSystem.OfSink(sources, daemon, local, fleet);
        var load = new LoadPhase(run, system, 1) { Reference = sources.Sources };
        await load.WarmUpAsync(2_000, TimeSpan.FromSeconds(1));
        var single = await load.SteadyAsync(50, TimeSpan.FromSeconds(rounds * 2), "single changes");
        run.AtMost("a single change into the local etcd, p50 (Cilium 1.5 ms)", 1.5, single.LagMs!.P50, "ms");
        run.AtMost("a single change into the local etcd, p99 (Cilium 3 ms)", 3, single.LagMs.P99, "ms");
        var best = 0.0;
        foreach (var burst in run.Ints("bursts"))
        {
            var times = new List<(double Seconds, double Cpu)>();
            for (var round = 0; round < rounds; round++)
            {
                var result = await load.BurstAsync(burst);
                times.Add((result.Details["seconds"], result.Details["cpu_s_kvstoremesh"]));
                best = Math.Max(best, result.Details["changes_per_s"]);
            }

            if (burst == 40_000)
            {
                run.AtMost("burst of 40,000 (1/8 of Cilium's 26.7 s)", 26.7 / 8, Median(times.Select(time => time.Seconds)), "s");
                run.AtMost("daemon CPU of it (1/8 of Cilium's 10 s)", 10.0 / 8, Median(times.Select(time => time.Cpu)), "s");
            }
        }

        var sequence = await sources.Mock.PutInSequenceAsync(run.Int("sequence"), run.CancellationToken);
        var putsPerSecond = run.Int("sequence") / sequence.Seconds;
        run.Add(new BenchResult
        {
            System = "puts-in-sequence",
            Phase = $"sequence {run.Int("sequence")}",
            Details = { ["seconds"] = Math.Round(sequence.Seconds, 3), ["changes_per_s"] = Math.Round(putsPerSecond) },
        });
        run.Ratio("changes/s into etcd: kvstoremesh sink / one Put after the other", best, putsPerSecond);
        run.AtLeast("etcd sink against one Put per key in sequence", 10, best / putsPerSecond, "ratio");
    }
}
