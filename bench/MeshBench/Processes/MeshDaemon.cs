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
            "--listen", Address(listen), "--http", Address(http),
            // Ready is to mean that all is there, also on a machine so busy that a cluster takes long to show its config.
            "--per-cluster-ready-timeout", "10m", .. more,
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

    /// <summary>Whether <c>run</c> of the program knows a flag.</summary>
    public static async Task<bool> KnowsAsync(string flag, CancellationToken cancellationToken)
    {
        using var help = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(Programs.Daemon, ["run", "--help"]) { RedirectStandardOutput = true })
            ?? throw new BenchException($"{Programs.Daemon} cannot be started");
        var text = await help.StandardOutput.ReadToEndAsync(cancellationToken);
        await help.WaitForExitAsync(cancellationToken);
        return text.Contains($"{flag} ", StringComparison.Ordinal);
    }

    /// <summary>Asks it to end and waits; a warm restart begins so.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await SignalAsync("TERM");
        await WaitForExitAsync(cancellationToken);
    }

    /// <summary>Waits until its HTTP port answers.</summary>
    public Task WaitUntilListeningAsync(CancellationToken cancellationToken) => WaitUntilAsync(
        async () => await Prometheus.TryGetAsync($"http://{Address(_http)}/healthz") is not null, TimeSpan.FromMinutes(1), "listening", cancellationToken);

    /// <summary>Waits until it says that every cluster is synced.</summary>
    public Task WaitUntilReadyAsync(TimeSpan limit, CancellationToken cancellationToken) => WaitUntilAsync(
        async () => await Prometheus.TryGetAsync($"http://{Address(_http)}/readyz") is not null, limit, "ready", cancellationToken);

    /// <summary>Its metrics page.</summary>
    public async Task<string> MetricsAsync() => await Prometheus.TryGetAsync($"http://{Address(_http)}/metrics") ?? throw Fail("tells no metrics");

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}
