using System.Diagnostics;
using KvStoreMesh.MeshBench.Fleet;
using KvStoreMesh.MeshBench.Mock;
using KvStoreMesh.MeshBench.Processes;
using KvStoreMesh.MeshBench.Results;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>How long a node agent takes to bring everything, and then changes, into the kernel's maps.</summary>
internal sealed class AgentSyncScenario : IScenario
{
    public string Name => "agent-sync";

    public string Description => "A node agent with 320,000 map entries: first sync, deltas of 1,000 entries, memory; against a reader that only receives";

    public IReadOnlyList<ScenarioParameter> Parameters { get; } =
    [
        new("clusters", "Mock clusters, all in one etcd", "250", "10"),
        new("keys", "Keys of each cluster; a node has three map entries, an endpoint one", "1230", "200"),
        new("delta", "Endpoints that change at one revision", "1000", "100"),
        new("deltas", "How often", "100", "5"),
        new("rounds", "Starts of the agent; the median counts", "3", "1"),
        new("datapath", "bpf, memory, or auto: bpf where it is permitted", "auto", "auto"),
    ];

    public async Task RunAsync(ScenarioRun run)
    {
        var shape = MockShape.OfKeys(run.Int("keys"));
        await using var sources = await MockSources.InOneEtcdAsync(run, run.Int("clusters"), shape);
        await using var daemon = MeshDaemon.Start(sources.Configs);
        await daemon.WaitUntilReadyAsync(TimeSpan.FromMinutes(3), run.CancellationToken);
        var floors = new List<double>();
        var syncs = new List<BenchResult>();
        for (var round = 1; round <= run.Int("rounds"); round++)
        {
            floors.Add(await ReceiveAsync(run, sources, daemon));
            syncs.Add(await SyncAsync(run, sources.Mock, daemon, $"round {round}", withDeltas: round == run.Int("rounds")));
        }

        var sync = syncs.OrderBy(result => result.Details["seconds"]).ElementAt(syncs.Count / 2);
        run.Ratio("time to hold all: agent / reader that only receives", sync.Details["seconds"], floors.Order().ElementAt(floors.Count / 2));
        run.AtMost("agent, full sync from the start of the program", 1, sync.Details["seconds"], "s");
        run.AtMost($"agent, delta of {run.Int("delta")} entries in the maps after its frame arrived, p99", 10, syncs[^1].LagMs!.P99, "ms");
        run.AtMost("agent RSS after the sync", 250, sync.RssMb!.Value, "MB");
        run.Note("seconds: from the start of the node-agent program to every cluster complete and nothing pending, as its status says, asked every 20 ms; of receive-only from its connecting");
        run.Note("lag: the agent's own measure, from the arrival of a delta's last frame to its entries being in the maps");
    }

    private static async Task<double> ReceiveAsync(ScenarioRun run, MockSources sources, MeshDaemon daemon)
    {
        await using var fleet = FleetProcess.Start(FleetSystem.Mesh, [daemon.Port], sources.Sources);
        var started = Stopwatch.GetTimestamp();
        await fleet.ConnectAsync(1, TimeSpan.FromMinutes(2), run.CancellationToken);
        var stats = await fleet.StatsAsync(run.CancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started, stats.LastArrival).TotalSeconds;
        var verdict = await fleet.VerifyAsync(1, TimeSpan.FromSeconds(60), run.CancellationToken);
        run.Add(new BenchResult
        {
            System = "receive-only",
            Subscribers = 1,
            CpuSeconds = ProcessUsage.Of(fleet.Id).CpuSeconds,
            Lost = verdict.Lost,
            Details = { ["seconds"] = Math.Round(seconds, 3), ["snapshot_mb"] = Math.Round(stats.Bytes / 1e6, 1) },
        });
        return seconds;
    }

    private static async Task<BenchResult> SyncAsync(ScenarioRun run, MockProcess mock, MeshDaemon daemon, string phase, bool withDeltas)
    {
        var isBpf = run.Report.Parameters["datapath"] switch
        {
            "bpf" => true,
            "memory" => false,
            _ => NodeAgentProcess.CanUseBpf,
        };
        var started = Stopwatch.GetTimestamp();
        await using var agent = NodeAgentProcess.Start(daemon.Port, run.Workspace, isBpf);
        var (answered, done) = (0.0, default(NodeAgentState));
        await agent.WaitUntilAsync(
            async () =>
            {
                done = await agent.TryStatusAsync();
                answered = done is not null && answered == 0 ? Stopwatch.GetElapsedTime(started).TotalSeconds : answered;
                return done is { Pending: 0 } && done.ReadyClusters == run.Int("clusters");
            },
            TimeSpan.FromMinutes(3), "synced", run.CancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var usage = ProcessUsage.Of(agent.Id);
        var result = new BenchResult
        {
            System = isBpf ? "node-agent (eBPF)" : "node-agent (memory)",
            Phase = phase,
            Subscribers = 1,
            CpuSeconds = usage.CpuSeconds,
            RssMb = Math.Round(usage.RssMb, 1),
            LagMs = withDeltas ? await DeltasAsync(run, mock, agent) : null,
            Details =
            {
                ["map_entries"] = done!.MapEntries,
                ["seconds"] = Math.Round(seconds, 3),
                ["seconds_after_the_first_answer"] = Math.Round(seconds - answered, 3),
                ["peak_rss_mb"] = Math.Round(usage.PeakRssMb, 1),
            },
        };
        if (withDeltas)
        {
            result.Details["rss_mb_after_deltas"] = Math.Round(ProcessUsage.Of(agent.Id).RssMb, 1);
        }

        run.Add(result);
        return result;
    }

    private static async Task<LagQuantiles> DeltasAsync(ScenarioRun run, MockProcess mock, NodeAgentProcess agent)
    {
        var lag = new LagHistogram();
        for (var i = 0; i < run.Int("deltas"); i++)
        {
            var before = (await agent.TryStatusAsync())?.AppliedSeq ?? 0;
            await mock.TransactAsync(run.Int("delta"), run.CancellationToken);
            NodeAgentState? after = null;
            await agent.WaitUntilAsync(
                async () => (after = await agent.TryStatusAsync()) is { } state && state.AppliedSeq >= before + run.Int("delta") && state.Pending == 0,
                TimeSpan.FromSeconds(30), "up to date", run.CancellationToken);
            lag.Add((long)(after!.ApplyMs * 1000));
        }

        return new(lag.Quantile(0.5), lag.Quantile(0.99), lag.Quantile(0.999));
    }
}
