using System.Diagnostics;
using System.Text.Json;

namespace KvStoreMesh.MeshBench.Processes;

/// <summary>A process of the run: started with what it prints kept for its error message, killed with the run.</summary>
internal class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Queue<string> _errors = new();
    private readonly SemaphoreSlim _one = new(1);
    private readonly bool _isConversing;
    private bool _isDisposed;

    /// <param name="name">For messages and results.</param>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="isConversing">It answers questions on its standard output.</param>
    public ChildProcess(string name, string file, IEnumerable<string> arguments, bool isConversing = false)
    {
        (Name, _isConversing) = (name, isConversing);
        var start = new ProcessStartInfo(file) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start) ?? throw new BenchException($"{file} cannot be started");
        AppDomain.CurrentDomain.ProcessExit += Kill;
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
        if (!isConversing)
        {
            _process.OutputDataReceived += (_, line) => Keep(line.Data);
            _process.BeginOutputReadLine();
        }
    }

    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Asks, and waits for the answer.</summary>
    /// <exception cref="BenchException">It could not answer, or is gone.</exception>
    public async Task<T> AskAsync<T>(string question, CancellationToken cancellationToken = default)
    {
        Debug.Assert(_isConversing);
        await _one.WaitAsync(cancellationToken);
        try
        {
            await _process.StandardInput.WriteLineAsync(question.AsMemory(), cancellationToken);
            await _process.StandardInput.FlushAsync(cancellationToken);
            var line = await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw Fail($"is gone, asked: {question}");
            using var reply = JsonDocument.Parse(line);
            return reply.RootElement.ValueKind == JsonValueKind.Object && reply.RootElement.TryGetProperty("error", out var error)
                ? throw Fail($"'{question}': {error.GetString()}")
                : reply.Deserialize<T>(ControlLoop.Json)!;
        }
        catch (IOException)
        {
            throw Fail($"is gone, asked: {question}");
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>An error with the last lines it printed.</summary>
    public BenchException Fail(string what)
    {
        lock (_errors)
        {
            return new BenchException($"{Name} {what}{string.Concat(_errors.Select(line => $"\n    {line}"))}");
        }
    }

    /// <summary>Waits until a condition holds, and fails if the process ends or the time is over.</summary>
    public async Task WaitUntilAsync(Func<Task<bool>> condition, TimeSpan limit, string what, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (HasExited)
            {
                throw Fail("ended");
            }

            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                throw Fail($"is not {what} after {limit.TotalSeconds:0} s");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Sends a signal, as kill(1) does.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public virtual async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        AppDomain.CurrentDomain.ProcessExit -= Kill;
        Kill(null, EventArgs.Empty);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _one.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Kill(object? sender, EventArgs e)
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    private void Keep(string? line)
    {
        lock (_errors)
        {
            if (line is not null)
            {
                _errors.Enqueue(line);
            }

            if (_errors.Count > 20)
            {
                _errors.Dequeue();
            }
        }
    }
}
