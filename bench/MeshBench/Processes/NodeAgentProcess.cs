using System.Net.Sockets;
using System.Text.Json;
using KvStoreMesh.Bpf.Environment;

namespace KvStoreMesh.MeshBench.Processes;

/// <summary>The node agent under test: the real program in its own process, with pins, socket and cgroup of its own.</summary>
internal sealed class NodeAgentProcess : ChildProcess
{
    private readonly string _socket;
    private readonly string _cgroup;
    private readonly HttpClient _client;

    private NodeAgentProcess(string prefix, string socket, string cgroup, bool isBpf, int port)
        : base("node-agent", Programs.NodeAgent,
        [
            "run", "--server", $"127.0.0.1:{port}", "--node-name", "bench", "--socket", socket, "--bpf-map-prefix", prefix, "--lb-map-max", "65536",
            "--log-level", "warning", .. (string[])(isBpf ? ["--cgroup-root", cgroup] : ["--datapath", "memory"]),
        ])
    {
        (_socket, _cgroup, Prefix, IsBpf) = (socket, cgroup, prefix, isBpf);
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = async (_, token) => await ConnectAsync(token) });
    }

    /// <summary>Put before the names of its pins.</summary>
    public string Prefix { get; }

    /// <summary>It writes the kernel's maps.</summary>
    public bool IsBpf { get; }

    /// <summary>Starts it, on eBPF where that is possible.</summary>
    public static NodeAgentProcess Start(int daemonPort, Workspace workspace, bool isBpf)
    {
        var name = $"meshbench-{Environment.ProcessId}";
        var cgroup = Path.Combine(Cgroup2.FindRoot() ?? string.Empty, name);
        if (isBpf)
        {
            // Of its own, and without processes: the bench must not steer anybody's connections.
            Directory.CreateDirectory(cgroup);
        }

        return new NodeAgentProcess($"{name}_", Path.Combine(workspace.Folder("agent"), "agent.sock"), cgroup, isBpf, daemonPort);
    }

    /// <summary>A cgroup2 hierarchy and the rights of root: whether the kernel's maps may be written.</summary>
    public static bool CanUseBpf => Environment.UserName == "root" && Cgroup2.FindRoot() is not null && Directory.Exists(BpfFileSystem.DefaultRoot);

    /// <summary>Its status; null while it does not answer.</summary>
    public async Task<NodeAgentState?> TryStatusAsync()
    {
        try
        {
            await using var body = await _client.GetStreamAsync(new Uri("http://localhost/v1/status"));
            using var status = await JsonDocument.ParseAsync(body);
            var root = status.RootElement;
            var datapath = root.GetProperty("datapath");
            var session = root.TryGetProperty("subscription", out var subscription);
            return new(
                datapath.GetProperty("maps").EnumerateArray().Sum(map => map.GetProperty("entries").GetInt32()),
                datapath.GetProperty("pending").GetInt32(),
                session ? subscription.GetProperty("applied-seq").GetInt64() : 0,
                session ? subscription.GetProperty("apply-ms").GetDouble() : 0,
                root.GetProperty("clusters").EnumerateArray().Count(cluster => cluster.GetProperty("ready").GetBoolean()));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return null;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _client.Dispose();
        if (IsBpf)
        {
            await using var cleanup = new ChildProcess("node-agent cleanup", Programs.NodeAgent, ["cleanup", "--bpf-map-prefix", Prefix]);
            await cleanup.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(_cgroup);
        }
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
