using System.Diagnostics;
using KvStoreMesh.MeshBench.Mock;
using KvStoreMesh.MeshBench.Processes;
using KvStoreMesh.MeshBench.Results;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>From nothing to everything: how long a daemon takes to hold all clusters.</summary>
internal sealed class BootstrapScenario : IScenario
{
    public string Name => "bootstrap";

    public string Description => "Cold start of the daemon on many clusters, against a bare paged list of the same keys";

    public IReadOnlyList<ScenarioParameter> Parameters { get; } =
    [
        new("clusters", "Mock clusters, all in one etcd", "250", "20"),
        new("keys", "Keys of each cluster", "1200", "200"),
        new("rounds", "Starts; the median counts", "5", "2"),
    ];

    public async Task RunAsync(ScenarioRun run)
    {
        var clusters = run.Int("clusters");
        await using var sources = await MockSources.InOneEtcdAsync(run, clusters, MockShape.OfKeys(run.Int("keys")));
        var lists = new List<BenchResult>();
        var starts = new List<BenchResult>();
        for (var round = 1; round <= run.Int("rounds"); round++)
        {
            // In turn, so that a noisy moment hits both.
            lists.Add(await ListAsync(run, sources, $"round {round}"));
            starts.Add(await StartAsync(run, sources, $"round {round}"));
        }

        var (list, start) = (Median(lists), Median(starts));
        run.Ratio("time: kvstoremesh / bare list", start.Details["seconds"], list.Details["seconds"]);
        run.Ratio("time without the start of the program: kvstoremesh / bare list", start.Details["seconds_after_listening"], list.Details["seconds"]);
        run.Ratio("CPU of all processes: kvstoremesh / bare list", start.CpuSeconds, list.CpuSeconds);
        run.AtMost("cold bootstrap / bare paged list", 2, start.Details["seconds"] / list.Details["seconds"], "ratio");
        run.AtMost("daemon RSS after the bootstrap", 400, start.RssMb!.Value, "MB");
        run.AtMost("seconds against Cilium's KVStoreMesh (43 s with limits lifted, into a local etcd)", 43.0 / 3, start.Details["seconds"], "s");
        run.Note("seconds: from the start of the program to /readyz; the bare list from its first page into a dictionary, the program's own start not counted");
    }

    private static BenchResult Median(List<BenchResult> results) => results.OrderBy(result => result.Details["seconds"]).ElementAt(results.Count / 2);

    private static async Task<BenchResult> ListAsync(ScenarioRun run, MockSources sources, string phase)
    {
        await using var list = ListProcess.Start(sources.Sources);
        await list.AskAsync<bool>("ready", run.CancellationToken);
        var window = new UsageWindow(list, sources.Etcd);
        var listed = await list.AskAsync<ListOutcome>("list", run.CancellationToken);
        var cpu = window.CpuSeconds();
        var result = new BenchResult
        {
            System = "bare-list",
            Phase = phase,
            CpuSeconds = Math.Round(cpu.Values.Sum(), 2),
            RssMb = Math.Round(ProcessUsage.Of(list.Id).PeakRssMb, 1),
            Details = { ["keys"] = listed.Keys, ["seconds"] = Math.Round(listed.Seconds, 3) },
        };
        run.Add(result);
        return result;
    }

    private static async Task<BenchResult> StartAsync(ScenarioRun run, MockSources sources, string phase)
    {
        var started = Stopwatch.GetTimestamp();
        var etcd = new UsageWindow(sources.Etcd);
        await using var daemon = MeshDaemon.Start(sources.Configs);
        await daemon.WaitUntilListeningAsync(run.CancellationToken);
        var listening = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await daemon.WaitUntilReadyAsync(TimeSpan.FromMinutes(5), run.CancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var (usage, etcdCpu) = (ProcessUsage.Of(daemon.Id), etcd.CpuSeconds().Values.Sum());
        var counts = await sources.CountAsync();
        var connections = sources.CountConnections();
        await using var fleet = FleetProcess.Start(Fleet.FleetSystem.Mesh, [daemon.Port], sources.Sources);
        await fleet.ConnectAsync(1, TimeSpan.FromMinutes(2), run.CancellationToken);
        var verdict = await fleet.VerifyAsync(1, TimeSpan.FromSeconds(60), run.CancellationToken);
        var result = new BenchResult
        {
            System = SubscriberSystem.Mesh,
            Phase = phase,
            Subscribers = 1,
            CpuSeconds = Math.Round(usage.CpuSeconds + etcdCpu, 2),
            RssMb = Math.Round(usage.RssMb, 1),
            Connections = connections,
            Watchers = counts.Watchers,
            Lost = verdict.Lost,
            Details =
            {
                ["keys"] = verdict.Keys,
                ["seconds"] = Math.Round(seconds, 3),
                ["seconds_after_listening"] = Math.Round(seconds - listening, 3),
                ["cpu_s_kvstoremesh"] = usage.CpuSeconds,
                ["cpu_s_etcd"] = Math.Round(etcdCpu, 2),
                ["peak_rss_mb"] = Math.Round(usage.PeakRssMb, 1),
                ["rss_mb_after_a_snapshot"] = Math.Round(ProcessUsage.Of(daemon.Id).RssMb, 1),
            },
        };
        run.Add(result);
        return result;
    }
}
