using System.Globalization;

namespace KvStoreMesh.MeshBench.Processes;

/// <summary>The daemon under test: the real program in its own process.</summary>
internal sealed class MeshDaemon : ChildProcess
{
    private readonly int _http;

    private MeshDaemon(string configs, int listen, int http, IEnumerable<string> more)
        : base("kvstoremesh", Programs.Daemon,
        [
            "run", "--cluster-name", "bench-local", "--cluster-id", "255", "--clustermesh-config", configs,
            "--listen", Address(listen), "--http", Address(http), .. more,
        ]) => (Port, _http) = (listen, http);

    /// <summary>The port of the stream.</summary>
    public int Port { get; }

    /// <summary>Starts it without waiting for anything.</summary>
    /// <param name="configs">The directory of etcd client configurations.</param>
    /// <param name="ports">Of the stream and of its status; null = free ones.</param>
    /// <param name="more">Further flags.</param>
    public static MeshDaemon Start(string configs, int[]? ports = null, params IEnumerable<string> more)
    {
        if (!File.Exists(Programs.Daemon))
        {
            throw new BenchException($"{Programs.Daemon} is not built: dotnet build src/Replicator with this configuration, or give --daemon");
        }

        ports ??= FreePorts.Find(2);
        return new MeshDaemon(configs, ports[0], ports[1], more);
    }

    /// <summary>Waits until it says that every cluster is synced.</summary>
    public Task WaitUntilReadyAsync(TimeSpan limit, CancellationToken cancellationToken) => WaitUntilAsync(
        async () => await Prometheus.TryGetAsync($"http://{Address(_http)}/readyz") is not null, limit, "ready", cancellationToken);

    /// <summary>Its metrics page.</summary>
    public async Task<string> MetricsAsync() => await Prometheus.TryGetAsync($"http://{Address(_http)}/metrics") ?? throw Fail("tells no metrics");

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}
