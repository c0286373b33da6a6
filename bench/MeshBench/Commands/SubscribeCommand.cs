using System.CommandLine;
using System.Globalization;
using System.Net;
using KvStoreMesh.MeshBench.Fleet;
using KvStoreMesh.MeshBench.Processes;

namespace KvStoreMesh.MeshBench.Commands;

/// <summary><c>subscribe</c>: any number of subscribers to a daemon, or watchers of an etcd.</summary>
internal static class SubscribeCommand
{
    public static Command Create()
    {
        var server = new Option<string[]>("--server")
        {
            Description = "IP:PORT of the daemon or etcd, without TLS; several are served in turn",
            DefaultValueFactory = _ => ["127.0.0.1:4260"],
        };
        var count = new Option<int>("--count") { Description = "Subscribers, each on a TCP connection of its own (default 100)", DefaultValueFactory = _ => 100 };
        var system = new Option<FleetSystem>("--system") { Description = "Mesh: a daemon; Etcd: an etcd or its grpc-proxy; Agent: every cluster's etcd, as an agent without a daemon" };
        var sources = new Option<string[]>("--source")
        {
            Description = "URL of a mock's etcd of cached layout, or CLUSTER=URL of one of state layout: what their content is compared with; what watchers of an etcd start from",
            DefaultValueFactory = _ => [],
        };
        var ramp = new Option<int>("--ramp") { Description = "So many load at a time (default 64)", DefaultValueFactory = _ => 64 };
        var heartbeat = new Option<int>("--heartbeat-ms") { Description = "The heartbeat asked for (default 5000, as the node agent's)", DefaultValueFactory = _ => 5_000 };
        var control = new Option<bool>("--control") { Hidden = true };
        var command = new Command("subscribe", "Run many subscribers in one process and count what they get") { server, count, system, sources, ramp, heartbeat, control };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            List<IPEndPoint> servers = [.. parsed.GetValue(server)!.Select(text => IPEndPoint.TryParse(text, out var address)
                ? address
                : throw new BenchException($"--server {text}: it must be IP:PORT"))];
            var connections = parsed.GetValue(system) == FleetSystem.Agent ? servers.Count : 1;
            using var fleet = await CreateAsync(parsed.GetValue(system), servers, parsed.GetValue(ramp), parsed.GetValue(heartbeat), parsed.GetValue(sources)!, cancellationToken);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var loop = Task.Factory.StartNew(() => fleet.Run(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            var talk = parsed.GetValue(control)
                ? ControlLoop.RunAsync(words => AnswerAsync(fleet, words, parsed.GetValue(sources)!, connections, cancellationToken), cancellationToken)
                : ShowAsync(fleet, parsed.GetValue(count), cancellationToken);
            await await Task.WhenAny(talk, loop);
            await stop.CancelAsync();
            await loop;
            return 0;
        });
        return command;
    }

    private static async Task<SubscriberFleet> CreateAsync(
        FleetSystem system, List<IPEndPoint> servers, int ramp, int heartbeatMs, string[] sources, CancellationToken cancellationToken)
    {
        var counters = new SubscriberCounters();
        var daemons = new Dictionary<string, DaemonClusters>();
        if (system == FleetSystem.Mesh)
        {
            return new SubscriberFleet(servers, ramp, counters, (shared, number) => new MeshSubscriber(shared, number, heartbeatMs, daemons));
        }

        var initial = await SourceContent.LoadAsync(sources, cancellationToken);
        initial.Number(counters.Keys);
        return system == FleetSystem.Etcd
            ? new SubscriberFleet(servers, ramp, counters, (shared, _) => new EtcdSubscriber(shared, EtcdWatches.OfMirror, null, initial))
            : new SubscriberFleet(servers, ramp, counters, (shared, number) => OfCluster(shared, sources[number % sources.Length]));

        EtcdSubscriber OfCluster(SubscriberCounters shared, string source)
        {
            var cluster = source.Split('=')[0];
            return new EtcdSubscriber(shared, EtcdWatches.OfAgent(cluster), cluster, initial);
        }
    }

    private static async Task<object> AnswerAsync(SubscriberFleet fleet, string[] words, string[] sources, int connections, CancellationToken cancellationToken)
    {
        switch (words[0])
        {
            case "want":
                return await fleet.AskAsync(() => fleet.Want(int.Parse(words[1], CultureInfo.InvariantCulture)));
            case "stop":
                return await fleet.AskAsync(() => fleet.Stop(int.Parse(words[1], CultureInfo.InvariantCulture)));
            case "disconnect":
                return await fleet.AskAsync(fleet.DisconnectAll);
            case "reconnect":
                return await fleet.AskAsync(fleet.Reconnect);
            case "reset":
                return await fleet.AskAsync(fleet.Reset);
            case "stats":
                return await fleet.AskAsync(fleet.Stats);
            case "verify":
                var source = await SourceContent.LoadAsync(words.Length > 1 ? words[1..] : sources, cancellationToken);
                return await fleet.AskAsync(() => fleet.Compare(source, connections));
            default:
                throw new BenchException($"'{words[0]}' is no question");
        }
    }

    private static async Task ShowAsync(SubscriberFleet fleet, int count, CancellationToken cancellationToken)
    {
        await fleet.AskAsync(() => fleet.Want(count));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var stats = await fleet.AskAsync(fleet.Stats);
                Console.WriteLine(
                    $"{stats.Ready} of {stats.Subscribers} ready, {stats.Deliveries} deliveries, {stats.SnapshotRecords} records in snapshots, "
                    + $"lag p50 {stats.LagP50:0.0} ms p99 {stats.LagP99:0.0} ms" + (stats.LastEnd is null ? string.Empty : $", {stats.Ended} ended: {stats.LastEnd}"));
                await fleet.AskAsync(fleet.Reset);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }
}
