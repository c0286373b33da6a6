using System.Globalization;
using KvStoreMesh.MeshBench.Mock;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>What stopped readers cost those that run, and the server.</summary>
internal sealed class SlowReadersScenario : IScenario
{
    public string Name => "slow-readers";

    public string Description => "1 % and 50 % of the subscribers stop reading: lag of the others, memory of the server";

    public IReadOnlyList<ScenarioParameter> Parameters { get; } =
    [
        new("subscribers", "Subscribers", "1000", "40"),
        new("stopped", "Percentages that stop, by commas", "1,50", "5,50"),
        new("systems", "Which systems, by commas", $"{SubscriberSystem.Mesh},{SubscriberSystem.Direct}", SubscriberSystem.Mesh),
        new("clusters", "Mock clusters, all in one etcd", "50", "5"),
        new("keys", "Keys of each cluster", "120", "60"),
        new("rate", "Changes a second", "325", "200"),
        new("warmup", "Seconds of changes before anything is measured", "5", "0.5"),
        new("seconds", "Length of each phase", "25", "2"),
    ];

    public async Task RunAsync(ScenarioRun run)
    {
        var subscribers = run.Int("subscribers");
        foreach (var name in run.Words("systems"))
        {
            await using var sources = await MockSources.InOneEtcdAsync(run, run.Int("clusters"), MockShape.OfKeys(run.Int("keys")));
            await using var system = await SubscriberSystem.StartAsync(run, name, sources);
            await system.Fleet.ConnectAsync(subscribers, TimeSpan.FromMinutes(5), run.CancellationToken);
            await new LoadPhase(run, system, subscribers).WarmUpAsync(run.Double("rate"), run.Seconds("warmup"));
            var all = await PhaseAsync(run, system, stopped: 0, "all read");
            foreach (var percent in run.Ints("stopped"))
            {
                var stopped = Math.Max(1, subscribers * percent / 100);
                var some = await PhaseAsync(run, system, stopped, string.Create(CultureInfo.InvariantCulture, $"{percent} % stopped"));
                run.Ratio($"{name}: lag p99 with {percent} % stopped / with none", some.LagMs!.P99, all.LagMs!.P99);
                run.Ratio($"{name}: RSS with {percent} % stopped / with none", some.RssMb, all.RssMb);
                if (name == SubscriberSystem.Mesh)
                {
                    run.AtMost($"lag p99 of the healthy with {percent} % stopped / with none", 1.1, some.LagMs.P99 / Math.Max(0.001, all.LagMs.P99), "ratio");
                }
            }

            await PhaseAsync(run, system, stopped: 0, "all read again");
        }

        run.Note("a stopped reader keeps its connection and reads nothing, as a process that hangs; in the last phase it reads again, and its content is verified with all others'");
    }

    private static async Task<Results.BenchResult> PhaseAsync(ScenarioRun run, SubscriberSystem system, int stopped, string phase)
    {
        await system.Fleet.AskAsync<int>($"stop {stopped}", run.CancellationToken);
        var load = new LoadPhase(run, system, run.Int("subscribers")) { Stopped = stopped };
        return await load.SteadyAsync(run.Double("rate"), run.Seconds("seconds"), phase);
    }
}
