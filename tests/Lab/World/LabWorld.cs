using System.Text.Json.Nodes;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Lab.World;

/// <summary>Real etcds, the daemon of cluster a and node agents without eBPF, all on loopback with free ports.</summary>
internal sealed partial class LabWorld : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly string _directory = Directory.CreateTempSubdirectory("kvstoremesh-lab-").FullName;
    private readonly Dictionary<string, EtcdProcess> _etcds = [];
    private readonly Dictionary<string, LabProgram> _programs = [];
    private readonly IReadOnlyList<int> _ports = EtcdProcess.FreePorts(8);

    /// <summary>The directory of remote clusters.</summary>
    public string Clusters => Path.Combine(_directory, "clustermesh");

    /// <summary>A file for the local cluster's etcd.</summary>
    public string LocalState => Path.Combine(_directory, "local.yaml");

    /// <summary>Where the daemon answers.</summary>
    public string HttpAddress => $"127.0.0.1:{_ports[0]}";

    /// <summary>The page.</summary>
    public string Page => $"http://{HttpAddress}/";

    /// <summary>Where an agent shows its metrics.</summary>
    public string AgentHttp(int agent) => $"127.0.0.1:{_ports[2 + agent]}";

    public EtcdProcess Etcd(string cluster) => _etcds[cluster];

    /// <summary>Cluster a with its daemon, remote clusters b, c, …, and agents node1, node2, …</summary>
    public static async Task<LabWorld> StartAsync(int remotes = 2, int agents = 2)
    {
        var world = new LabWorld();
        try
        {
            Directory.CreateDirectory(world.Clusters);
            for (var i = 0; i <= remotes; i++)
            {
                var cluster = $"{(char)('a' + i)}";
                await world.StartEtcdAsync(cluster, i + 1);
                await File.WriteAllTextAsync(
                    i == 0 ? world.LocalState : Path.Combine(world.Clusters, cluster), $"endpoints:\n- {world._etcds[cluster].Url}\n");
            }

            world.StartDaemon();
            for (var i = 1; i <= agents; i++)
            {
                world.StartAgent($"node{i}", i - 1);
            }

            await world.ReadyAsync(agents);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public void StartDaemon(params IEnumerable<string> more) => Start("kvstoremesh", Repository.Daemon, [
        "run", "--cluster-name", "a", "--cluster-id", "1", "--clustermesh-config", Clusters, "--local-state", LocalState,
        "--listen", $"127.0.0.1:{_ports[1]}", "--http", HttpAddress, .. more]);

    public void StartAgent(string node, int number, params IEnumerable<string> more) => Start(node, Repository.Agent, [
        "run", "--server", $"127.0.0.1:{_ports[1]}", "--node-name", node, "--datapath", "memory", "--socket", Socket(node), .. more]);

    public void Kill(string program)
    {
        _programs.Remove(program, out var killed);
        killed!.Dispose();
    }

    /// <summary>Runs a command of the daemon's program against it.</summary>
    public Task<(int ExitCode, string Output, string Errors)> CommandAsync(params IEnumerable<string> arguments) =>
        LabProgram.RunAsync(Repository.Daemon, [.. arguments, "--http", HttpAddress]);

    public async Task PutAsync(string cluster, params IEnumerable<(string Key, string Value)> values)
    {
        using var writer = _etcds[cluster].Writer();
        foreach (var (key, value) in values)
        {
            await writer.PutAsync(key, value);
        }
    }

    public Task<string> GetAsync(string path) => Http.GetStringAsync(Page.TrimEnd('/') + path);

    public async Task<JsonNode> GetJsonAsync(string path) => JsonNode.Parse(await GetAsync(path))!;

    /// <summary>Waits until every cluster is ready and so many agents have everything.</summary>
    public Task ReadyAsync(int agents) => Eventually.HoldsAsync(
        "every cluster is ready and every agent up to date",
        async () =>
        {
            try
            {
                var status = await GetJsonAsync("/v1/status");
                var subscribers = status["subscribers"]!.AsArray();
                return status["remote-clusters"]!.AsArray().All(cluster => (bool)cluster!["ready"]!)
                    && (bool)status["configuration"]!["local-cluster"]!["ready"]!
                    && subscribers.Count == agents && subscribers.All(agent => (bool)agent!["following"]! && (long)agent["behind"]! == 0);
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        Said);

    /// <summary>What everybody said last.</summary>
    public string Said() => string.Join('\n', _programs.Select(program => $"--- {program.Key}\n{program.Value.Output}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs.Values)
        {
            program.Dispose();
        }

        foreach (var etcd in _etcds.Values)
        {
            await etcd.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private async Task StartEtcdAsync(string cluster, int id)
    {
        _etcds[cluster] = await EtcdProcess.StartAsync(new EtcdProcessOptions { ClusterToken = $"lab-{cluster}" });
        await PutAsync(cluster, LabValues.Of(cluster, id));
    }

    private void Start(string name, string program, IEnumerable<string> arguments)
    {
        if (_programs.Remove(name, out var former))
        {
            former.Dispose();
        }

        _programs[name] = new LabProgram(program, arguments);
    }
}
