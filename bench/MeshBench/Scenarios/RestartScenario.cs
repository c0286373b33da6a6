using System.Diagnostics;
using KvStoreMesh.MeshBench.Fleet;
using KvStoreMesh.MeshBench.Mock;
using KvStoreMesh.MeshBench.Processes;
using KvStoreMesh.MeshBench.Results;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>What a restart of the daemon costs: until it serves its last state without any source, and what its agents receive again.</summary>
internal sealed class RestartScenario : IScenario
{
    private const string StateDir = "--state-dir";
    private const int HeartbeatMs = 1_000;

    // A heartbeat after the last change, by which everybody knows where it stands.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(2.5 * HeartbeatMs);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public string Name => "restart";

    public string Description => "Warm restart of the daemon: last state served with every source down; bytes that agents receive on resume";

    public IReadOnlyList<ScenarioParameter> Parameters { get; } =
    [
        new("clusters", "Mock clusters, all in one etcd", "250", "10"),
        new("keys", "Keys of each cluster", "1200", "100"),
        new("agents", "Agents that come back", "20", "5"),
        new("changes", "Changes while the daemon is away, in the second part", "1000", "50"),
        new("rounds", "Restarts of each kind", "3", "1"),
    ];

    public async Task RunAsync(ScenarioRun run)
    {
        var keepsState = await MeshDaemon.KnowsAsync(StateDir, run.CancellationToken);
        string[] flags = keepsState ? [StateDir, run.Workspace.Folder("state")] : [];
        await using var sources = await MockSources.InOneEtcdAsync(run, run.Int("clusters"), MockShape.OfKeys(run.Int("keys")));
        var ports = FreePorts.Find(2);
        var daemon = MeshDaemon.Start(sources.Configs, ports, flags);
        await using var fleet = FleetProcess.Start(FleetSystem.Mesh, [ports[0]], sources.Sources, HeartbeatMs);
        try
        {
            await daemon.WaitUntilReadyAsync(TimeSpan.FromMinutes(3), run.CancellationToken);
            var first = await SnapshotAsync(run, fleet);
            var (served, resumed) = (new List<BenchResult>(), new List<BenchResult>());
            for (var round = 1; round <= run.Int("rounds"); round++)
            {
                daemon = await RestartAsync(run, daemon, sources, ports, flags, fleet, $"sources down, round {round}", served);
            }

            for (var round = 1; round <= run.Int("rounds"); round++)
            {
                await ResumeAsync(run, () => daemon, async () =>
                {
                    await daemon.StopAsync(run.CancellationToken);
                    await daemon.DisposeAsync();
                    await sources.Mock.BurstAsync(run.Int("changes"), run.CancellationToken);
                    daemon = MeshDaemon.Start(sources.Configs, ports, flags);
                    await daemon.WaitUntilReadyAsync(TimeSpan.FromMinutes(3), run.CancellationToken);
                }, fleet, $"changes while away, round {round}", resumed);
            }

            Compare(run, keepsState, first, served, resumed);
        }
        finally
        {
            await daemon.DisposeAsync();
        }
    }

    private static void Compare(ScenarioRun run, bool keepsState, BenchResult first, List<BenchResult> served, List<BenchResult> resumed)
    {
        double Median(IEnumerable<BenchResult> results, string name) => results.Select(result => result.Details[name]).Order().ElementAt(results.Count() / 2);
        var bytes = first.Details["bytes_per_agent"];
        run.Ratio("bytes per agent, unchanged sources: restart / first snapshot", Median(served, "bytes_per_agent"), bytes);
        run.Ratio($"bytes per agent, {run.Int("changes")} changes meanwhile: restart / first snapshot", Median(resumed, "bytes_per_agent"), bytes);
        run.AtMost("last state served with every source down, after the start of the program", 2, Median(served, "seconds_to_serve"), "s");
        run.AtMost("bytes that agents receive on resume / of their first snapshot", 0.02, Median(served, "bytes_per_agent") / bytes, "ratio");
        run.Note("seconds to serve: from the start of the program to an agent without content, which tries to connect all the time, holding all; the etcd is stopped (SIGSTOP) meanwhile");
        if (!keepsState)
        {
            run.Note($"this daemon knows no {StateDir}: with its sources down it has nothing to serve, and {Patience.TotalSeconds:0} s stand for never");
        }
    }

    private static async Task<BenchResult> SnapshotAsync(ScenarioRun run, FleetProcess fleet)
    {
        var agents = run.Int("agents");
        var started = Stopwatch.GetTimestamp();
        await fleet.ConnectAsync(agents, TimeSpan.FromMinutes(3), run.CancellationToken);
        var stats = await fleet.StatsAsync(run.CancellationToken);
        var verdict = await fleet.VerifyAsync(agents, TimeSpan.FromMinutes(1), run.CancellationToken);
        var result = new BenchResult
        {
            System = SubscriberSystem.Mesh,
            Phase = "first snapshot",
            Subscribers = agents,
            Lost = verdict.Lost,
            Details =
            {
                ["bytes_per_agent"] = Math.Round((double)stats.Bytes / agents),
                ["seconds_to_catch_up"] = Math.Round(Stopwatch.GetElapsedTime(started, stats.LastArrival).TotalSeconds, 3),
            },
        };
        run.Add(result);
        await run.DelayAsync(Settling);
        return result;
    }

    private static async Task<MeshDaemon> RestartAsync(
        ScenarioRun run, MeshDaemon daemon, MockSources sources, int[] ports, string[] flags, FleetProcess fleet, string phase, List<BenchResult> results)
    {
        var (seconds, current) = (0.0, daemon);
        await ResumeAsync(run, () => current, async () =>
        {
            await current.StopAsync(run.CancellationToken);
            await current.DisposeAsync();
            await sources.Etcd.SignalAsync("STOP");
            try
            {
                await using var fresh = FleetProcess.Start(FleetSystem.Mesh, [ports[0]], sources.Sources);
                await fresh.AskAsync<int>("want 1", run.CancellationToken);
                var started = Stopwatch.GetTimestamp();
                current = MeshDaemon.Start(sources.Configs, ports, flags);
                seconds = await ServeAsync(run, fresh, sources, started);
            }
            finally
            {
                await sources.Etcd.SignalAsync("CONT");
            }

            await current.WaitUntilReadyAsync(TimeSpan.FromMinutes(3), run.CancellationToken);
        }, fleet, phase, results, () => seconds);
        return current;
    }

    // Until somebody who comes with nothing holds everything.
    private static async Task<double> ServeAsync(ScenarioRun run, FleetProcess fresh, MockSources sources, long started)
    {
        while (Stopwatch.GetElapsedTime(started) < Patience)
        {
            var stats = await fresh.StatsAsync(run.CancellationToken);
            if (stats.SnapshotRecords >= sources.Keys)
            {
                return Math.Round(Stopwatch.GetElapsedTime(started, stats.LastArrival).TotalSeconds, 3);
            }

            await run.DelayAsync(TimeSpan.FromMilliseconds(10));
        }

        return Patience.TotalSeconds;
    }

    // The agents are away while the daemon is, and come back when it is ready.
    private static async Task ResumeAsync(
        ScenarioRun run, Func<MeshDaemon> daemon, Func<Task> restart, FleetProcess fleet, string phase, List<BenchResult> results, Func<double>? seconds = null)
    {
        var agents = run.Int("agents");
        await fleet.AskAsync<int>("disconnect", run.CancellationToken);
        await restart();
        await fleet.AskAsync<bool>("reset", run.CancellationToken);
        var started = Stopwatch.GetTimestamp();
        await fleet.AskAsync<bool>("reconnect", run.CancellationToken);
        await fleet.WaitUntilReadyAsync(agents, TimeSpan.FromMinutes(3), run.CancellationToken);
        var caughtUp = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var stats = await fleet.StatsAsync(run.CancellationToken);
        var verdict = await fleet.VerifyAsync(agents, TimeSpan.FromMinutes(1), run.CancellationToken);
        var result = new BenchResult
        {
            System = SubscriberSystem.Mesh,
            Phase = phase,
            Subscribers = agents,
            RssMb = Math.Round(ProcessUsage.Of(daemon().Id).RssMb, 1),
            Lost = verdict.Lost,
            Duplicated = stats.Duplicated,
            Details =
            {
                ["bytes_per_agent"] = Math.Round((double)stats.Bytes / agents),
                ["seconds_to_catch_up"] = Math.Round(caughtUp, 3),
            },
        };
        if (seconds is not null)
        {
            result.Details["seconds_to_serve"] = seconds();
        }

        results.Add(result);
        run.Add(result);
        await run.DelayAsync(Settling);
    }
}
