using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.LocalApi;
using KvStoreMesh.NodeAgent.Manifests;
using KvStoreMesh.NodeAgent.Metrics;
using KvStoreMesh.NodeAgent.Monitor;
using KvStoreMesh.NodeAgent.Subscription;
using KvStoreMesh.NodeAgent.Termination;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>The composition root of <c>node-agent run</c>.</summary>
internal static class NodeAgentHost
{
    /// <summary>Runs until SIGTERM or SIGINT, which leave maps and programs in place. Exit code 0 after a signal, else 1.</summary>
    public static async Task<int> RunAsync(RunOptions options, TextWriter errors)
    {
        var problems = options.Problems();
        if (problems.Count > 0)
        {
            foreach (var problem in problems)
            {
                await errors.WriteLineAsync($"node-agent: {problem}");
            }

            return 1;
        }

        return await CommandRunner.RunAsync(() => ServeAsync(options with { Socket = Path.GetFullPath(options.Socket) }), errors);
    }

    private static async Task ServeAsync(RunOptions options)
    {
        LocalApiServer.Prepare(options.Socket);
        using var datapath = Open(options);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.ListenUnixSocket(options.Socket);
            if (options.MetricsAddress is not null && MetricsEndpoint.TryParse(options.MetricsAddress, out var address))
            {
                kestrel.Listen(address);
            }
        });
        builder.Logging.SetMinimumLevel(Enum.Parse<LogLevel>(options.LogLevel, ignoreCase: true));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // A socket that cannot be bound: it tells the same as we do, with a stack.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Logging.AddSimpleConsole(console =>
        {
            (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ ");
        });
        await using var app = builder.Build();

        var logs = app.Services.GetRequiredService<ILoggerFactory>();
        HostLog.Starting(logs.CreateLogger("node-agent"), options.NodeName, datapath.Description);
        var agent = new MeshAgent(options.Agent(), datapath, TimeProvider.System, new Random(), logs.CreateLogger<MeshAgent>());
        var loop = new ApplyLoop(agent, TimeProvider.System);
        var subscription = new MeshSubscription(
            options.Subscription(), loop, TimeProvider.System, new Random(), logs.CreateLogger<MeshSubscription>());
        var monitor = new DropMonitor(datapath.Policy, TimeProvider.System);
        var (local, metrics) = (new LocalApiServer(loop, subscription, monitor), new MetricsEndpoint(loop, subscription));
        app.Run(context => MetricsEndpoint.IsFor(context) ? metrics.AnswerAsync(context) : local.AnswerAsync(context));
        await LocalApiServer.BindAsync(app, options.Socket);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(app.Lifetime.ApplicationStopping);
        Task[] running =
        [
            loop.RunAsync(stop.Token), subscription.RunAsync(stop.Token), monitor.RunAsync(stop.Token),
            .. options.EndpointsDir is { } endpoints
                ? (Task[])[PolicyDirectories.RunAsync(loop, endpoints, options.PolicyDir, TimeProvider.System, stop.Token)]
                : [],
            .. Termination(options, datapath, logs) is { } termination ? (Task[])[termination.RunAsync(loop, stop.Token)] : [],
            .. options.K8sManifests is { } manifests ? (Task[])[FollowAsync(new ManifestDirectory(manifests), loop, stop.Token)] : [],
        ];
        await Task.WhenAny(running);
        var wasAsked = stop.IsCancellationRequested;
        await stop.CancelAsync();
        try
        {
            await Task.WhenAll(running);
        }
        catch (OperationCanceledException) when (wasAsked)
        {
            HostLog.Stopped(logs.CreateLogger("node-agent"));
        }

        await app.StopAsync(CancellationToken.None);
        File.Delete(options.Socket);
    }

    private static ConnectionTermination? Termination(RunOptions options, IDatapath datapath, ILoggerFactory logs) =>
        options.TerminateWithdrawnAfterSeconds >= 0 && datapath.Sockets is { } sockets
            ? new(
                sockets, TimeSpan.FromSeconds(options.TerminateWithdrawnAfterSeconds), TimeProvider.System, logs.CreateLogger<ConnectionTermination>())
            : null;

    private static Task FollowAsync(ManifestDirectory directory, ApplyLoop loop, CancellationToken cancellationToken) => ManifestWatcher.RunAsync(
        directory,
        (reading, token) => loop.AskAsync(
            agent =>
            {
                agent.SetServices(reading);
                return true;
            },
            token),
        TimeProvider.System,
        cancellationToken);

    private static IDatapath Open(RunOptions options)
    {
        if (options.Datapath == DatapathKind.Memory)
        {
            return new MemoryDatapath(options.Limits());
        }

        var environment = BpfEnvironment.Probe(new() { BpfFsRoot = options.BpfRoot, CgroupPath = OwnCgroup.Expand(options.CgroupRoot, () => File.ReadLines("/proc/self/cgroup")) });
        if (!environment.IsReady)
        {
            throw new IOException(
                string.Join("\nnode-agent: ", environment.Problems)
                + "\nnode-agent: to run without eBPF, which steers no traffic: --datapath memory");
        }

        return BpfDatapath.Open(new BpfDatapathOptions
        {
            BpfFsRoot = environment.BpfFsRoot ?? options.BpfRoot,
            MapPrefix = options.BpfMapPrefix,
            CgroupPath = environment.CgroupPath,
            Limits = options.Limits(),
            EnforcesPolicy = options.EndpointsDir is not null,
        });
    }
}
