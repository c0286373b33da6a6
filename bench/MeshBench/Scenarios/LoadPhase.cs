using System.Diagnostics;
using KvStoreMesh.MeshBench.Fleet;
using KvStoreMesh.MeshBench.Mock;
using KvStoreMesh.MeshBench.Processes;
using KvStoreMesh.MeshBench.Results;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>Puts a load on a system whose subscribers are connected, measures, and verifies their content at the end.</summary>
internal sealed class LoadPhase(ScenarioRun run, SubscriberSystem system, int subscribers)
{
    // A round is worth about half a second of the fan-out; so many rounds are on their way, which keeps everybody busy and
    // lets nobody fall behind any log.
    private const int DeliveriesPerRound = 750_000;
    private const int Rounds = 3;
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(90);

    /// <summary>So many of the subscribers stand still and are not verified.</summary>
    public int Stopped { get; init; }

    /// <summary>What the subscribers' content is compared with, if not with what they were started with.</summary>
    public IReadOnlyList<string> Reference { get; init; } = [];

    private FleetProcess Fleet => system.Fleet;

    private MockProcess Mock => system.Sources.Mock;

    /// <summary>Changes at a rate that nobody measures, so that programs are compiled and buffers grown.</summary>
    public async Task WarmUpAsync(double eventsPerSecond, TimeSpan time)
    {
        await Mock.ChurnAsync(eventsPerSecond, run.CancellationToken);
        await run.DelayAsync(time);
        await SettleAsync(await Mock.RestAsync(run.CancellationToken));
    }

    /// <summary>Changes at a rate, whoever keeps up: an open loop.</summary>
    public Task<BenchResult> SteadyAsync(double eventsPerSecond, TimeSpan time, string phase = "steady") => MeasureAsync(phase, async () =>
    {
        await Mock.ChurnAsync(eventsPerSecond, run.CancellationToken);
        await run.DelayAsync(time);
    });

    /// <summary>As many changes as the slowest subscriber takes: a closed loop.</summary>
    public Task<BenchResult> SaturatedAsync(TimeSpan time) => MeasureAsync("saturation", async () =>
    {
        var started = Stopwatch.GetTimestamp();
        var written = new Queue<long>();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            await Mock.IssueAsync(Math.Clamp(DeliveriesPerRound / subscribers, 100, 2_000), run.CancellationToken);
            written.Enqueue((await Mock.RestAsync(run.CancellationToken)).Revision);
            while (written.Count >= Rounds && Stopwatch.GetElapsedTime(started) < time)
            {
                if ((await Fleet.StatsAsync(run.CancellationToken)).SlowestRevision >= written.Peek())
                {
                    written.Dequeue();
                }
                else
                {
                    await run.DelayAsync(TimeSpan.FromMilliseconds(2));
                }
            }
        }
    });

    /// <summary>So many updates of endpoints as fast as the etcd takes them.</summary>
    public Task<BenchResult> BurstAsync(int events) =>
        MeasureAsync($"burst {events}", () => Mock.BurstAsync(events, run.CancellationToken));

    private async Task<BenchResult> MeasureAsync(string phase, Func<Task> load)
    {
        run.Progress($"{system.Name}: {subscribers} subscribers, {phase}");
        var before = await Mock.StatusAsync(run.CancellationToken);
        await Fleet.AskAsync<bool>("reset", run.CancellationToken);
        var window = new UsageWindow([.. system.ServerSide, Fleet]);
        await load();
        var after = await Mock.RestAsync(run.CancellationToken);
        var writing = window.Seconds;
        var stats = await SettleAsync(after);
        var (seconds, cpu) = (window.SecondsUntil(stats.LastArrival), window.CpuSeconds());
        var rss = ProcessUsage.Of(system.Server.Id).RssMb;
        var counts = await system.Sources.CountAsync();
        var connections = system.Sources.CountConnections();
        var verdict = await Fleet.VerifyAsync(subscribers - Stopped, DrainLimit, run.CancellationToken, Reference);
        var serverCpu = cpu.Where(used => used.Key != "subscribers").Sum(used => used.Value);
        var events = after.Written - before.Written;
        var result = new BenchResult
        {
            System = system.Name,
            Phase = phase,
            Subscribers = subscribers,
            EventsPerS = Math.Round(events / writing, 1),
            Deliveries = stats.Deliveries,
            CpuSeconds = Math.Round(serverCpu, 2),
            CpuUsPerDelivery = stats.Deliveries == 0 ? null : Math.Round(serverCpu * 1e6 / stats.Deliveries, 3),
            LagMs = new(stats.LagP50, stats.LagP99, stats.LagP999),
            RssMb = Math.Round(rss, 1),
            Connections = connections,
            Watchers = counts.Watchers,
            Lost = verdict.Lost,
            Duplicated = stats.Duplicated,
            Details =
            {
                ["deliveries_per_s"] = Math.Round(stats.Deliveries / seconds),
                ["seconds"] = Math.Round(seconds, 3),
                ["changes_per_s"] = Math.Round(events / seconds),
                ["server_cores"] = Math.Round(cpu[system.Server.Name.Replace(' ', '_').Replace('-', '_')] / seconds, 3),
                ["lag_max_ms"] = Math.Round(stats.LagMax, 1),
            },
        };
        foreach (var (name, used) in cpu)
        {
            result.Details[$"cpu_s_{name}"] = used;
        }

        if (stats.Ended > 0)
        {
            result.Details["ended_streams"] = stats.Ended;
            run.Note($"{system.Name}, {subscribers} subscribers, {phase}: {stats.Ended} streams ended, the last one because {stats.LastEnd}");
        }

        run.Add(result);
        return result;
    }

    // Until everybody has the last revision, or, if that was of a key nobody mirrors, until nothing has come for a second.
    private async Task<FleetStats> SettleAsync(MockStatus written)
    {
        var started = Stopwatch.GetTimestamp();
        var (quietSince, deliveries) = (started, -1L);
        while (true)
        {
            var stats = await Fleet.StatsAsync(run.CancellationToken);
            if (stats.Deliveries != deliveries)
            {
                (quietSince, deliveries) = (Stopwatch.GetTimestamp(), stats.Deliveries);
            }

            if (stats.SlowestRevision >= written.Revision
                || Stopwatch.GetElapsedTime(quietSince) > TimeSpan.FromSeconds(1)
                || Stopwatch.GetElapsedTime(started) > DrainLimit)
            {
                return stats;
            }

            await run.DelayAsync(TimeSpan.FromMilliseconds(5));
        }
    }
}
