namespace KvStoreMesh.MeshBench.Processes;

/// <summary><c>etcd grpc-proxy</c>, etcd's own answer to many watchers of the same keys.</summary>
internal sealed class EtcdProxy : ChildProcess
{
    private EtcdProxy(string data, EtcdServer etcd, int port, int metrics)
        : base("etcd grpc-proxy", Programs.Etcd,
        [
            "grpc-proxy", "start", $"--endpoints=127.0.0.1:{etcd.Port}", $"--listen-addr=127.0.0.1:{port}",
            $"--advertise-client-url=127.0.0.1:{port}", $"--data-dir={data}", $"--metrics-addr=http://127.0.0.1:{metrics}",
        ]) => Port = port;

    /// <summary>The client port.</summary>
    public int Port { get; }

    public static async Task<EtcdProxy> StartAsync(EtcdServer etcd, Workspace workspace, CancellationToken cancellationToken)
    {
        var ports = FreePorts.Find(2);
        var proxy = new EtcdProxy(workspace.Folder("proxy"), etcd, ports[0], ports[1]);
        await proxy.WaitUntilAsync(
            async () => await Prometheus.TryGetAsync($"http://127.0.0.1:{ports[1]}/metrics") is not null,
            TimeSpan.FromSeconds(60), "up", cancellationToken);
        return proxy;
    }
}
