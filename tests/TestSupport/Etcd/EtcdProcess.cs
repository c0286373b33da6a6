using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.TestSupport.Etcd;

/// <summary>
/// A real etcd with one member on free loopback ports, its data in a temporary folder. Disposing kills it and removes the data.
/// </summary>
public sealed partial class EtcdProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly EtcdProcessOptions _options;
    private readonly string _dataDirectory;
    private readonly (string CertFile, string KeyFile)? _serverCertificate;
    private readonly (string CertFile, string KeyFile)? _rootCertificate;
    private readonly int _metricsPort;
    private readonly int _peerPort;
    private readonly Queue<string> _output = new();
    private Process? _process;

    private EtcdProcess(EtcdProcessOptions options)
    {
        _options = options;
        var memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        _dataDirectory = Path.Combine(memory, $"kvstoremesh-etcd-{Guid.NewGuid():n}");
        var ports = FreePorts(3);
        (Port, _peerPort, _metricsPort) = (ports[0], ports[1], ports[2]);
        if (options.Tls is { } tls)
        {
            _serverCertificate = tls.Issue("etcd", null, ["127.0.0.1", "localhost", .. options.ServerNames]);
            _rootCertificate = tls.Issue("root");
        }

        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
    }

    /// <summary>The client port.</summary>
    public int Port { get; }

    /// <summary>The client URL.</summary>
    public string Url => $"{(_options.Tls is null ? "http" : "https")}://{_options.Address}:{Port}";

    /// <summary>Where it tells its metrics and its health, without TLS.</summary>
    public string MetricsUrl => $"http://127.0.0.1:{_metricsPort}";

    /// <summary>The server's certificate; null without TLS.</summary>
    public string? ServerCertFile => _serverCertificate?.CertFile;

    /// <summary>The process's id.</summary>
    public int ProcessId => Running.Id;

    private Process Running => _process ?? throw new InvalidOperationException("etcd is not running");

    /// <summary>Starts an etcd and waits until it is healthy.</summary>
    public static async Task<EtcdProcess> StartAsync(EtcdProcessOptions? options = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var etcd = new EtcdProcess(options ?? new EtcdProcessOptions());
            try
            {
                await etcd.StartAgainAsync();
                return etcd;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                // Somebody else took one of the ports between asking and binding.
                await etcd.DisposeAsync();
            }
            catch
            {
                await etcd.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>A source definition for it without client certificate, named as a cluster.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="clientCertificate">Certificate and key, for an etcd with TLS.</param>
    /// <param name="more">More lines of the configuration.</param>
    public SourceDefinition Definition(
        string cluster = "ape", (string CertFile, string KeyFile)? clientCertificate = null, string more = "")
    {
        var text = $"endpoints:\n- {Url}\n{more}";
        if (_options.Tls is { } tls)
        {
            text += $"\ntrusted-ca-file: {tls.CaFile}\n";
        }

        if (clientCertificate is { } files)
        {
            text += $"\ncert-file: {files.CertFile}\nkey-file: {files.KeyFile}\n";
        }

        return new SourceDefinition(ClusterName.Parse(cluster), SourceRole.Remote, $"{cluster}.yaml", text);
    }

    /// <summary>A client that may do everything: without TLS anybody, with TLS the user root by its certificate.</summary>
    public EtcdWriter Writer() => new(Url, _options.Tls?.CaFile, _rootCertificate);

    /// <summary>Starts it again on the same ports after <see cref="KillAsync"/> or <see cref="StopAsync"/>.</summary>
    /// <param name="wipe">Without its data: a new history under the same cluster ID.</param>
    /// <param name="backup">With the data that <see cref="BackUpAsync"/> kept: the same IDs at an older revision.</param>
    public async Task StartAgainAsync(bool wipe = false, string? backup = null)
    {
        if (wipe || backup is not null)
        {
            DeleteData();
        }

        if (backup is not null)
        {
            CopyFolder(backup, _dataDirectory);
        }

        var start = new ProcessStartInfo(_options.Binary ?? EtcdBinary.Path) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in Arguments())
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        _process = Process.Start(start) ?? throw new InvalidOperationException("etcd cannot be started");
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitUntilHealthyAsync();
    }

    /// <summary>Kills it as <c>kill -9</c> does, without a word to its clients.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Stops it, keeps its data as they are now, and leaves it stopped; returns where they are, until it is disposed.</summary>
    public async Task<string> BackUpAsync()
    {
        await StopAsync();
        var backup = $"{_dataDirectory}.backup";
        CopyFolder(_dataDirectory, backup);
        return backup;
    }

    /// <summary>Lets it end by itself.</summary>
    public async Task StopAsync()
    {
        Signal(15);
        await Running.WaitForExitAsync();
        await KillAsync();
    }

    /// <summary>Stops its time: connections stay open, nothing answers. Returns when its last thread stands still.</summary>
    public async Task FreezeAsync()
    {
        Signal(19);
        while (Directory.GetDirectories($"/proc/{Running.Id}/task").Any(IsRunning))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        }

        // "pid (name) state …"; the name may hold spaces.
        static bool IsRunning(string task)
        {
            var stat = File.ReadAllText(Path.Combine(task, "stat"));
            return stat[stat.LastIndexOf(')') + 2] != 'T';
        }
    }

    /// <summary>Lets its time go on.</summary>
    public void Thaw() => Signal(18);

    /// <summary>Watches it serves now.</summary>
    public Task<long> CountWatchesAsync() => MetricAsync("etcd_debugging_mvcc_watcher_total");

    /// <summary>Watch streams it serves now.</summary>
    public Task<long> CountWatchStreamsAsync() => MetricAsync("etcd_debugging_mvcc_watch_stream_total");

    /// <summary>TCP connections to its client port that are open now, the writers' too.</summary>
    public int CountConnections()
    {
        // The second column is the server's address and port in hex, the fourth one the state; 01 is established.
        var port = $":{Port:X4}";
        return File.ReadLines("/proc/net/tcp")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(columns => columns[1].EndsWith(port, StringComparison.Ordinal) && columns[3] == "01");
    }

    /// <summary>It hides a deletion at the compacted revision from a watch that starts there (etcd #18089).</summary>
    public async Task<bool> LosesDeletionsAsync()
    {
        using var answer = System.Text.Json.JsonDocument.Parse(await Http.GetStringAsync($"{Url}/version"));
        var version = Version.Parse(answer.RootElement.GetProperty("etcdserver").GetString()!);
        return version < (version.Minor == 4 ? new Version(3, 4, 34) : new Version(3, 5, 16));
    }

    /// <summary>A metric's value; 0 if it does not exist.</summary>
    public async Task<long> MetricAsync(string name)
    {
        var text = await Http.GetStringAsync($"{MetricsUrl}/metrics");
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return line is null ? 0 : (long)double.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        await KillAsync();
        DeleteData();
        if (Directory.Exists($"{_dataDirectory}.backup"))
        {
            Directory.Delete($"{_dataDirectory}.backup", recursive: true);
        }
    }

    /// <summary>Ports nobody listens on.</summary>
    public static IReadOnlyList<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToList();
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);

    private void Signal(int signal)
    {
        if (kill(Running.Id, signal) != 0)
        {
            throw new InvalidOperationException($"signal {signal} to etcd failed: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    private void KillAtExit(object? sender, EventArgs e)
    {
        _process?.Kill();
        DeleteData();
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.Copy(file, copy, overwrite: true);
        }
    }

    private void DeleteData()
    {
        if (Directory.Exists(_dataDirectory))
        {
            Directory.Delete(_dataDirectory, recursive: true);
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.Enqueue(line ?? string.Empty);
            if (_output.Count > 40)
            {
                _output.Dequeue();
            }
        }
    }

    private IEnumerable<string> Arguments()
    {
        var peer = $"http://127.0.0.1:{_peerPort}";
        yield return "--name=test";
        yield return $"--data-dir={_dataDirectory}";
        yield return $"--listen-client-urls={Url}";
        yield return $"--advertise-client-urls={Url}";
        yield return $"--listen-peer-urls={peer}";
        yield return $"--initial-advertise-peer-urls={peer}";
        yield return $"--initial-cluster=test={peer}";
        yield return $"--initial-cluster-token={_options.ClusterToken}";
        yield return $"--listen-metrics-urls={MetricsUrl}";
        yield return $"--experimental-watch-progress-notify-interval={_options.ProgressInterval.TotalMilliseconds:0}ms";
        yield return "--logger=zap";
        yield return "--log-level=error";
        if (_options.Tls is { } tls && _serverCertificate is { } server)
        {
            yield return $"--cert-file={server.CertFile}";
            yield return $"--key-file={server.KeyFile}";
            yield return "--client-cert-auth";
            yield return $"--trusted-ca-file={tls.CaFile}";
        }

        foreach (var flag in _options.Flags)
        {
            yield return flag;
        }
    }

    private async Task WaitUntilHealthyAsync()
    {
        using var limit = new CancellationTokenSource(StartTimeout);
        while (true)
        {
            if (Running.HasExited || limit.IsCancellationRequested)
            {
                string output;
                lock (_output)
                {
                    output = string.Join('\n', _output);
                }

                throw new InvalidOperationException($"etcd did not become healthy:\n{output}");
            }

            try
            {
                var health = await Http.GetStringAsync($"{MetricsUrl}/health", CancellationToken.None);
                if (health.Contains("\"true\"", StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }
}
