using KvStoreMesh.MeshBench.Fleet;
using KvStoreMesh.MeshBench.Processes;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>One way to bring changes to many readers, with its readers: what the scenarios compare.</summary>
internal sealed class SubscriberSystem : IAsyncDisposable
{
    public const string Mesh = "kvstoremesh";
    public const string Direct = "etcd-direct";
    public const string Proxy = "etcd-grpc-proxy";
    public const string Agents = "agents-direct";
    public const string Sink = "kvstoremesh-sink";

    private readonly ChildProcess? _between;

    private SubscriberSystem(string name, MockSources sources, ChildProcess? between, FleetProcess fleet) =>
        (Name, Sources, _between, Fleet) = (name, sources, between, fleet);

    public string Name { get; }

    public MockSources Sources { get; }

    public FleetProcess Fleet { get; }

    /// <summary>A reader's connections to whom it reads from.</summary>
    public int ConnectionsPerReader => Name == Agents ? Sources.Etcds.Length : 1;

    /// <summary>The process that the readers are connected to.</summary>
    public ChildProcess Server => _between ?? Sources.Etcd;

    /// <summary>Everything between the writer and the readers.</summary>
    public IReadOnlyList<ChildProcess> ServerSide => _between is null ? Sources.Etcds : [.. Sources.Etcds, _between, .. Behind];

    private IReadOnlyList<ChildProcess> Behind { get; init; } = [];

    /// <summary>Starts it up to where readers may connect.</summary>
    public static async Task<SubscriberSystem> StartAsync(ScenarioRun run, string name, MockSources sources, params string[] daemonFlags)
    {
        switch (name)
        {
            case Mesh:
                var daemon = MeshDaemon.Start(sources.Configs, more: daemonFlags);
                await daemon.WaitUntilReadyAsync(TimeSpan.FromMinutes(3), run.CancellationToken);
                return new(name, sources, daemon, FleetProcess.Start(FleetSystem.Mesh, [daemon.Port], sources.Sources));
            case Direct:
                return new(name, sources, null, FleetProcess.Start(FleetSystem.Etcd, [sources.Etcd.Port], sources.Sources));
            case Agents:
                return new(name, sources, null, FleetProcess.Start(FleetSystem.Agent, sources.Etcds.Select(etcd => etcd.Port), sources.Sources));
            case Proxy:
                var proxy = await EtcdProxy.StartAsync(sources.Etcd, run.Workspace, run.CancellationToken);
                return new(name, sources, proxy, FleetProcess.Start(FleetSystem.Etcd, [proxy.Port], sources.Sources));
            default:
                throw new BenchException($"no system is called {name}: {Mesh}, {Direct}, {Proxy} or {Agents}");
        }
    }

    /// <summary>The daemon with a local etcd, whose watchers the readers are. What it is made of stays its maker's.</summary>
    public static SubscriberSystem OfSink(MockSources sources, MeshDaemon daemon, EtcdServer local, FleetProcess fleet) =>
        new(Sink, sources, daemon, fleet) { Behind = [local] };

    public async ValueTask DisposeAsync()
    {
        await Fleet.DisposeAsync();
        if (_between is not null)
        {
            await _between.DisposeAsync();
        }
    }
}
