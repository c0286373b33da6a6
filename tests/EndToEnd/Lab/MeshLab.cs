using System.Diagnostics;
using System.Text.Json;

namespace KvStoreMesh.EndToEnd.Lab;

/// <summary>
/// Three clusters with an etcd each, the daemon of cluster a and two node agents, all in one network namespace whose
/// only device is its loopback: a VIP has no route there, so only a translated connection can succeed.
/// </summary>
internal sealed class MeshLab : IDisposable
{
    public static readonly IReadOnlyList<string> Agents = ["node1", "node2"];

    private static int s_labs;

    private readonly string _id = $"kvm-e2e-{Environment.ProcessId}-{Interlocked.Increment(ref s_labs)}";
    private readonly string _directory;
    private readonly string _cgroupRoot;
    private readonly Dictionary<string, LabProcess> _processes = [];
    private readonly bool _mountedBpffs;

    public MeshLab()
    {
        _directory = Directory.CreateTempSubdirectory("kvstoremesh-e2e-").FullName;
        _cgroupRoot = Command("findmnt", "-n", "-t", "cgroup2", "-o", "TARGET").Split('\n')[0];
        if (TryCommand("findmnt", "-t", "bpf", "/sys/fs/bpf") is null)
        {
            Command("mount", "-t", "bpf", "-o", "mode=0700", "bpf", "/sys/fs/bpf");
            _mountedBpffs = true;
        }

        Command("ip", "netns", "add", _id);
        Command("ip", "-n", _id, "link", "set", "lo", "up");
        foreach (var agent in Agents)
        {
            Directory.CreateDirectory(Cgroup(agent));
        }
    }

    public LabCluster A { get; } = new("a", 1, 2379);

    public LabCluster B { get; } = new("b", 2, 2479, "10.2.0.10", "10.2.0.11");

    public LabCluster C { get; } = new("c", 3, 2579, "10.3.0.10", "10.3.0.11");

    private string MeshConfigDirectory => Path.Combine(_directory, "clustermesh");

    public void StartEtcd(LabCluster cluster)
    {
        Start($"etcd-{cluster.Name}", "etcd", "--name", cluster.Name, "--data-dir", Path.Combine(_directory, "etcd-" + cluster.Name),
            "--listen-client-urls", cluster.EtcdUrl, "--advertise-client-urls", cluster.EtcdUrl,
            "--listen-peer-urls", $"http://127.0.0.1:{cluster.EtcdPort + 1}", "--log-level", "error");
        Eventually($"etcd {cluster.Name} is healthy", () => TryInside("curl", "-sf", "-m", "1", cluster.EtcdUrl + "/health") is not null);
    }

    public void KillEtcd(LabCluster cluster) => _processes[$"etcd-{cluster.Name}"].Kill();

    public void Put(LabCluster cluster, (string Key, string Value) pair) =>
        Inside("etcdctl", "--endpoints", cluster.EtcdUrl, "put", "--", pair.Key, pair.Value);

    public void Delete(LabCluster cluster, string key) => Inside("etcdctl", "--endpoints", cluster.EtcdUrl, "del", "--", key);

    public void StartBackends(LabCluster cluster)
    {
        foreach (var ip in cluster.Backends)
        {
            Command("ip", "-n", _id, "address", "add", ip + "/32", "dev", "lo");
            Start($"echo-{ip}", "socat", $"TCP-LISTEN:8080,bind={ip},fork,reuseaddr,backlog=256", $"SYSTEM:echo {ip}");
        }
    }

    public void Configure(LabCluster cluster)
    {
        Directory.CreateDirectory(MeshConfigDirectory);
        File.WriteAllText(Path.Combine(MeshConfigDirectory, cluster.Name), cluster.ClientConfig);
    }

    public void Unconfigure(LabCluster cluster) => File.Delete(Path.Combine(MeshConfigDirectory, cluster.Name));

    public void StartDaemon()
    {
        var localState = Path.Combine(_directory, "local-etcd.yaml");
        File.WriteAllText(localState, A.ClientConfig);
        Start("kvstoremesh", Program("KvStoreMesh.Replicator", "kvstoremesh"), "run", "--cluster-name", A.Name, "--cluster-id", $"{A.Id}",
            "--clustermesh-config", MeshConfigDirectory, "--local-state", localState);
    }

    public void StartAgent(string agent) =>
        Start(agent, AgentProgram, "run", "--server", "http://127.0.0.1:4260", "--node-name", agent, "--cgroup-root", Cgroup(agent),
            "--bpf-map-prefix", MapPrefix(agent), "--socket", Socket(agent));

    public void KillAgent(string agent) => _processes[agent].Kill();

    /// <summary>The remote clusters as <c>/v1/cluster</c> lists them; null while the daemon does not answer.</summary>
    public JsonElement? ClusterStatus(LabCluster cluster)
    {
        var json = TryInside("curl", "-sf", "-m", "2", "http://127.0.0.1:9964/v1/cluster");
        return json is null ? null : JsonDocument.Parse(json).RootElement.EnumerateArray()
            .Where(entry => entry.GetProperty("name").GetString() == cluster.Name).Cast<JsonElement?>().FirstOrDefault();
    }

    public bool IsReady(LabCluster cluster) =>
        ClusterStatus(cluster) is { } status && status.TryGetProperty("ready", out var ready) && ready.GetBoolean();

    /// <summary>The backend addresses in the kernel of an agent, as bpftool sees them.</summary>
    public static IReadOnlyList<string> KernelBackends(string agent)
    {
        var dump = TryCommand("bpftool", "-j", "map", "dump", "pinned", $"/sys/fs/bpf/tc/globals/{MapPrefix(agent)}cilium_lb4_backends_v3");
        return dump is null ? [] : [.. JsonDocument.Parse(dump).RootElement.EnumerateArray()
            .Select(entry => string.Join('.', entry.GetProperty("value").EnumerateArray().Take(4).Select(b => Convert.ToByte(b.GetString(), 16))))
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Connects to a VIP from a process of the agent's cgroup; who answered, and how often.</summary>
    public Dictionary<string, int> Connect(string agent, string vip, int count)
    {
        var answers = Command("timeout", "60", "sh", "-c", "echo $$ >\"$1/cgroup.procs\" && exec nsenter --net=\"$2\" \"$3\" \"$4\" 80 \"$5\"",
            "sh", Cgroup(agent), $"/run/netns/{_id}", Path.Combine(RepositoryRoot, "lab/demo/connect.sh"), vip, $"{count}");
        return answers.Split('\n', StringSplitOptions.RemoveEmptyEntries).CountBy(answer => answer).ToDictionary();
    }

    /// <summary>A gauge of a cluster's etcd.</summary>
    public double Metric(LabCluster cluster, string name) => double.Parse(
        Inside("curl", "-sf", cluster.EtcdUrl + "/metrics").Split('\n').First(line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..],
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Established connections of the daemon to a cluster's etcd, from the kernel's socket table.</summary>
    public int DaemonConnections(LabCluster cluster) => Inside("ss", "-Htnp", "state", "established", $"dport = :{cluster.EtcdPort}")
        .Split('\n').Count(line => line.Contains("\"kvstoremesh\"", StringComparison.Ordinal));

    /// <summary>Waits for a state, looking every few milliseconds; says what it waited for, and what everybody said, if it does not come.</summary>
    public TimeSpan Eventually(string what, Func<bool> condition, int seconds = 30)
    {
        var watch = Stopwatch.StartNew();
        using var pause = new ManualResetEventSlim();
        while (!condition())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
            {
                Assert.Fail($"waited {seconds} s in vain for: {what}\n" +
                    string.Join('\n', _processes.Values.Select(process => $"--- {process.Name}\n{process.Output}")));
            }

            pause.Wait(TimeSpan.FromMilliseconds(10));
        }

        return watch.Elapsed;
    }

    public void Dispose()
    {
        foreach (var process in _processes.Values)
        {
            process.Dispose();
        }

        foreach (var agent in Agents)
        {
            TryCommand(AgentProgram, "cleanup", "--bpf-map-prefix", MapPrefix(agent));
            TryCommand("rmdir", Cgroup(agent));
        }

        TryCommand("ip", "netns", "del", _id);
        if (_mountedBpffs)
        {
            TryCommand("umount", "/sys/fs/bpf");
        }

        Directory.Delete(_directory, recursive: true);
    }

    private static string RepositoryRoot { get; } = FindRoot();

    private static string AgentProgram { get; } = Program("KvStoreMesh.NodeAgent", "node-agent");

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "KvStoreMesh.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException("no KvStoreMesh.sln above the tests");
        }

        return directory;
    }

    private static string Program(string project, string name) => Path.Combine(
        RepositoryRoot, "artifacts/bin", project, Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), name);

    private string Cgroup(string agent) => Path.Combine(_cgroupRoot, $"{_id}-{agent}");

    private string Socket(string agent) => Path.Combine(_directory, agent + ".sock");

    // bpffs takes no dots, and the kernel no long names.
    private static string MapPrefix(string agent) => $"e2e{Environment.ProcessId}_{agent}_";

    private void Start(string name, params IEnumerable<string> commandLine)
    {
        if (_processes.Remove(name, out var former))
        {
            former.Dispose();
        }

        _processes[name] = new LabProcess(name, [$"--net=/run/netns/{_id}", .. commandLine]);
    }

    private string Inside(params IEnumerable<string> commandLine) => Command("nsenter", [$"--net=/run/netns/{_id}", .. commandLine]);

    private string? TryInside(params IEnumerable<string> commandLine) => TryCommand("nsenter", [$"--net=/run/netns/{_id}", .. commandLine]);

    private static string Command(string program, params IEnumerable<string> arguments) =>
        Run(program, arguments, out var output) == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {output}");

    private static string? TryCommand(string program, params IEnumerable<string> arguments) =>
        Run(program, arguments, out var output) == 0 ? output : null;

    private static int Run(string program, IEnumerable<string> arguments, out string output)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ETCDCTL_API"] = "3";
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            output += errors.GetAwaiter().GetResult();
        }

        output = output.TrimEnd('\n');
        return process.ExitCode;
    }
}
