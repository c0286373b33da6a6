using Akka.Actor;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd;
using KvStoreMesh.Protos.V1;
using KvStoreMesh.TestSupport.Etcd;
using KvStoreMesh.TestSupport.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.Integration.Resuming;

/// <summary>One cluster, replicated from a real etcd by the real adapter and the real actors, over a network that can be cut.</summary>
internal sealed class ReplicaRun : IAsyncDisposable
{
    private const string Name = "ape";
    private static readonly ClusterName Cluster = ClusterName.Parse(Name);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly SourceLayout Layout = new(Cluster, new(true, false, 255, null, EndpointSlicesExportMode.ServicesOnly));

    private readonly MeshStatusBoard _board = new();
    private readonly MeshCache _cache = new(new());
    private readonly ActorSystem _system = ActorSystem.Create("resume", "akka.loglevel = WARNING");
    private readonly CountingConnector _connector;
    private IActorRef? _mesh;

    private ReplicaRun(EtcdProcess etcd, EtcdSourceOptions options)
    {
        Etcd = etcd;
        Writer = etcd.Writer();
        Network = new TcpGate(etcd.Port);
        Adapter = new EtcdSourceConnector(options, TimeProvider.System, new Random(1), NullLogger<EtcdSourceConnector>.Instance);
        _connector = new(Adapter);
    }

    public EtcdProcess Etcd { get; }

    public EtcdWriter Writer { get; private set; }

    public TcpGate Network { get; }

    public EtcdSourceConnector Adapter { get; }

    /// <summary>Lists of a resource or of canaries that the source has seen.</summary>
    public int Lists => _connector.Lists;

    public RemoteClusterStatus? Status => _board.Current.GetValueOrDefault(Cluster);

    public SourcePosition Position => _cache.Clusters[0].Position;

    public static async Task<ReplicaRun> StartAsync(string? binary, EtcdSourceOptions? options = null, params string[] services)
    {
        var process = new EtcdProcessOptions { Binary = binary };
        var run = new ReplicaRun(await EtcdProcess.StartAsync(process), options ?? new());
        await run.ExportAsync(services);
        run._mesh = new MeshActors
        {
            Connector = run._connector,
            Cache = run._cache,
            Board = run._board,
            Time = TimeProvider.System,
            Random = new Random(1),
            LoggerFactory = NullLoggerFactory.Instance,
            Options = new()
            {
                StartSpread = TimeSpan.Zero,
                BackoffMin = TimeSpan.FromMilliseconds(20),
                BackoffMax = TimeSpan.FromMilliseconds(200),
                OverlapTimeout = TimeSpan.FromSeconds(3),
            },
        }.Start(run._system);
        run._mesh.Tell(new ConfigureCluster(new(Cluster, SourceRole.Remote, $"{Name}.yaml", $"endpoints:\n- http://127.0.0.1:{run.Network.Port}\n")));
        await run.EqualAsync();
        return run;
    }

    public static string Service(string name) => $"cilium/state/services/v1/{Name}/default/{name}";

    /// <summary>Config, data, canaries: what an exporter writes.</summary>
    public async Task ExportAsync(params string[] services)
    {
        await Writer.PutAsync(CiliumKeys.ClusterConfig(Cluster), """{"id":1,"capabilities":{"syncedCanaries":true,"maxConnectedClusters":255}}""");
        foreach (var service in services)
        {
            await Writer.PutAsync(Service(service), "v");
        }

        await Writer.WriteAsync(Layout.Resources.Select(kind => SourceWrite.Put(CiliumKeys.Canaries(Cluster) + ResourcePrefixes.State(kind), "now")));
    }

    /// <summary>No connection, and the actor has noticed.</summary>
    public async Task DisconnectAsync()
    {
        Network.Close();
        await UntilAsync(() => Status is { IsReady: false }, "the loss of the connection is noticed");
    }

    /// <summary>Starts the etcd anew, without its data or with older data.</summary>
    public async Task ReplaceAsync(string? backup)
    {
        Writer.Dispose();
        await Etcd.KillAsync();
        await Etcd.StartAgainAsync(wipe: backup is null, backup);
        Writer = Etcd.Writer();
    }

    /// <summary>Ready, and the cache is what the source is, revisions included.</summary>
    public async Task EqualAsync()
    {
        SortedDictionary<string, string> source = [], cache = [];
        try
        {
            await UntilAsync(
                async () =>
                {
                    (source, cache) = (await SourceAsync(), Cached());
                    return Status is { IsReady: true } && source.SequenceEqual(cache);
                },
                "cache and source are equal");
        }
        catch (TimeoutException)
        {
            Assert.Equal(source, cache);
            throw;
        }
    }

    /// <summary>What a client sees that watches from a revision on, up to a key that is written now.</summary>
    public async Task<IReadOnlyList<SourceEvent>> SeenByOtherClientAsync(long from)
    {
        await using var connection = await Adapter.ConnectAsync(Etcd.Definition(Name), CancellationToken.None);
        await using var watch = await connection.WatchAsync([SourceRange.Prefix(CiliumKeys.State)], from, CancellationToken.None);
        var last = await Writer.PutAsync("cilium/state/nodes/v1/other/sentinel", "now");
        var seen = new List<SourceEvent>();
        using var limit = new CancellationTokenSource(Patience);
        while (seen.Count == 0 || seen[^1].ModRevision < last)
        {
            seen.AddRange((await watch.ReadAsync(limit.Token)).Events);
        }

        return seen;
    }

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        _system.Dispose();
        await Network.DisposeAsync();
        Writer.Dispose();
        await Etcd.DisposeAsync();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"within {Patience}: {what}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task<SortedDictionary<string, string>> SourceAsync()
    {
        await using var connection = await Adapter.ConnectAsync(Etcd.Definition(Name), CancellationToken.None);
        var source = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string? from = null;
        var revision = 0L;
        do
        {
            var page = await connection.ListAsync(SourceRange.Prefix("cilium/"), from, revision, CancellationToken.None);
            (from, revision) = (page.NextKey, page.Revision);
            foreach (var entry in page.Entries)
            {
                if (entry.Key == CiliumKeys.ClusterConfig(Cluster))
                {
                    source[$"{MeshKey.ClusterConfig}"] = Text(entry.Value, entry.ModRevision);
                }
                else if (Layout.TryMap(entry.Key, out var key))
                {
                    source[$"{key}"] = Text(entry.Value, entry.ModRevision);
                }
            }
        }
        while (from is not null);
        return source;
    }

    private SortedDictionary<string, string> Cached()
    {
        var records = _cache.Snapshot(Cluster)?.Chunks.SelectMany(chunk => Delta.Parser.ParseFrom(chunk.Plain.Span).Records) ?? [];
        return new(
            records.ToDictionary(
                record => $"{new MeshKey((Core.Keys.ResourceKind)record.Kind, record.Name)}", record => Text(record.Value.ToByteArray(), record.Revision)),
            StringComparer.Ordinal);
    }

    private static string Text(byte[] value, long revision) => $"{System.Text.Encoding.UTF8.GetString(value)}@{revision}";
}
