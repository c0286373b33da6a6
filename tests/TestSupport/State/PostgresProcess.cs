using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace KvStoreMesh.TestSupport.State;

/// <summary>
/// A real PostgreSQL on a free loopback port, its data in a temporary folder, run by a user who is not root, since it refuses root. Its
/// only user has a password. Disposing kills it and removes the data.
/// </summary>
public sealed class PostgresProcess : IAsyncDisposable
{
    /// <summary>The password of the user <c>mesh</c>: to be looked for in logs.</summary>
    public const string Password = "s3cret-pass";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory;
    private readonly List<string> _output = [];
    private Process? _process;

    private PostgresProcess()
    {
        var memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        _directory = Path.Combine(memory, $"kvstoremesh-postgres-{Guid.NewGuid():n}");
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Port = ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>How to connect.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=mesh;Password={Password};Database=postgres";

    /// <summary>Makes a database cluster, starts it and waits until it answers.</summary>
    public static async Task<PostgresProcess> StartAsync()
    {
        var postgres = new PostgresProcess();
        try
        {
            Directory.CreateDirectory(postgres._directory);
            var secret = Path.Combine(postgres._directory, "password");
            await File.WriteAllTextAsync(secret, Password);
            var data = Path.Combine(postgres._directory, "data");
            Directory.CreateDirectory(data);
            if (Environment.IsPrivilegedProcess)
            {
                await RunAsync("chown", "-R", "nobody:nogroup", postgres._directory);
            }

            await RunAsync([.. AsUser, PostgresBinaries.Path("initdb"), "--pgdata", data, "--username=mesh", $"--pwfile={secret}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]);
            await postgres.StartAgainAsync();
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again after <see cref="KillAsync"/>.</summary>
    public async Task StartAgainAsync()
    {
        string[] command = [.. AsUser, PostgresBinaries.Path("postgres"), "-D", Path.Combine(_directory, "data"), "-p", $"{Port}",
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=40",
            "-c", "shared_buffers=16MB"];
        _process = Start(command);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!Said("ready to accept connections"))
        {
            if (_process.HasExited || limit.IsCancellationRequested)
            {
                throw new InvalidOperationException($"PostgreSQL does not start:\n{string.Join('\n', _output)}");
            }

            await pause.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Ends it at once, sessions included.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            if (!process.HasExited)
            {
                // SIGQUIT, its "immediate shutdown": SIGKILL would leave its children and their shared memory behind.
                await RunAsync("kill", "-QUIT", $"{process.Id}");
                await process.WaitForExitAsync();
            }

            process.Dispose();
            _process = null;
            lock (_output)
            {
                _output.Clear();
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    // nobody: setpriv replaces itself, so that the process is PostgreSQL's own.
    private static string[] AsUser => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]
        : [];

    private static async Task RunAsync(params string[] command)
    {
        using var process = Start(command);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)}: {error}{await output}");
        }
    }

    private static Process Start(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C";
        return Process.Start(start)!;
    }

    private bool Said(string text)
    {
        lock (_output)
        {
            return _output.Exists(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.Add(line ?? string.Empty);
        }
    }
}
