using System.Diagnostics;
using System.Text;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Integration;

/// <summary>The daemon's program with a directory of its own.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kvstoremesh-daemon-").FullName;
    private readonly StringBuilder _output = new();
    private Process? _process;

    /// <summary>Where it serves the stream.</summary>
    public int Port { get; } = EtcdProcess.FreePorts(1)[0];

    /// <summary>What it said so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public void Configure(string cluster, string clientConfig) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_directory, "clustermesh")).FullName, cluster), clientConfig);

    public void Unconfigure(string cluster) => File.Delete(Path.Combine(_directory, "clustermesh", cluster));

    /// <summary>Where it keeps its state, if it is told to.</summary>
    public string StateDirectory => Path.Combine(_directory, "state");

    /// <summary>Starts it with a mirror in a local etcd, and with whatever else the arguments say.</summary>
    public void Start(string localEtcdConfig, params string[] more)
    {
        var sink = Path.Combine(_directory, "etcd-config.yaml");
        File.WriteAllText(sink, localEtcdConfig);
        _process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "kvstoremesh"),
            ["run", "--cluster-name=a", "--cluster-id=1", $"--clustermesh-config={_directory}/clustermesh", $"--etcd-sink={sink}",
                $"--listen=127.0.0.1:{Port}", "--http=127.0.0.1:0", .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Stops its time: its connections stay open, it does nothing.</summary>
    public void Freeze() => Signal("-STOP");

    /// <summary>Lets its time go on.</summary>
    public void Thaw() => Signal("-CONT");

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Signal("-TERM");
        await _process!.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Without a farewell, as kill -9.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process?.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        Kill();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{_process!.Id}"]);
        kill.WaitForExit();
        if (kill.ExitCode != 0)
        {
            throw new InvalidOperationException($"kill {signal} of the daemon failed");
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
