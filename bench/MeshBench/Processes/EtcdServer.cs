using System.Globalization;

namespace KvStoreMesh.MeshBench.Processes;

/// <summary>A real etcd with one member, its data in memory.</summary>
internal sealed class EtcdServer : ChildProcess
{
    private readonly int _metrics;

    private EtcdServer(string name, string data, int port, int peer, int metrics)
        : base(name, Programs.Etcd, Arguments(data, port, peer, metrics)) =>
        (Port, _metrics) = (port, metrics);

    /// <summary>The client port.</summary>
    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    public static async Task<EtcdServer> StartAsync(string name, Workspace workspace, CancellationToken cancellationToken)
    {
        var ports = FreePorts.Find(3);
        var etcd = new EtcdServer(name, workspace.Folder(name), ports[0], ports[1], ports[2]);
        await etcd.WaitUntilAsync(
            async () => (await Prometheus.TryGetAsync($"http://127.0.0.1:{ports[2]}/health"))?.Contains("\"true\"", StringComparison.Ordinal) == true,
            TimeSpan.FromSeconds(60), "healthy", cancellationToken);
        return etcd;
    }

    /// <summary>Its metrics now.</summary>
    public async Task<EtcdCounts> CountAsync()
    {
        var page = await Prometheus.TryGetAsync($"http://127.0.0.1:{_metrics}/metrics") ?? throw Fail("tells no metrics");
        return new(
            (int)Prometheus.Sum(page, "etcd_debugging_mvcc_watch_stream_total"),
            (int)Prometheus.Sum(page, "etcd_debugging_mvcc_watcher_total"));
    }

    private static IEnumerable<string> Arguments(string data, int port, int peer, int metrics)
    {
        string client = Url(port), peers = Url(peer);
        return
        [
            "--name=bench", $"--data-dir={data}", $"--listen-client-urls={client}", $"--advertise-client-urls={client}",
            $"--listen-peer-urls={peers}", $"--initial-advertise-peer-urls={peers}", $"--initial-cluster=bench={peers}",
            $"--listen-metrics-urls={Url(metrics)}", "--logger=zap", "--log-level=error", "--quota-backend-bytes=8589934592", "--max-txn-ops=4096",
            "--experimental-watch-progress-notify-interval=1m",
        ];

        static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
    }
}
