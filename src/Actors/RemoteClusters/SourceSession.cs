using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>
/// One attempt at a source: its connection, at most one watch, and their end. Whatever arrives after the end, a
/// connection that was slow to open or a watch, is disposed at once, also when the actor that asked for it is gone.
/// </summary>
/// <remarks>
/// Any thread may close; the calls in between come from one actor, one at a time. Results come as tasks, exceptions included, so
/// that an adapter that throws at once looks like one that throws later.
/// </remarks>
internal sealed class SourceSession : IAsyncDisposable
{
    private readonly ISourceConnector _connector;
    private readonly SourceDefinition _definition;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationToken _token;
    private readonly Lock _gate = new();
    private ISourceConnection? _connection;
    private ISourceWatch? _watch;
    private Task _underWay = Task.CompletedTask;
    private Task? _closed;

    public SourceSession(ISourceConnector connector, SourceDefinition definition)
    {
        (_connector, _definition) = (connector, definition);
        _token = _cancellation.Token;
    }

    /// <summary>The connection; only after <see cref="ConnectAsync"/>.</summary>
    public ISourceConnection Connection => _connection ?? throw new InvalidOperationException("the session is not connected");

    /// <summary>A watch is open.</summary>
    public bool IsWatching => _watch is not null;

    public async Task<ISourceConnection> ConnectAsync()
    {
        var connection = await _connector.ConnectAsync(_definition, _token);
        return await KeepAsync(connection, () => _connection = connection);
    }

    public Task<SourceRead> ReadAsync(string key) => Track(async () => await Connection.ReadAsync(key, _token));

    public Task<SourcePage> ListAsync(ListRequest page) =>
        Track(async () => await Connection.ListAsync(page.Range, page.FromKey, page.Revision, _token));

    public Task<ISourceWatch> OpenWatchAsync(IReadOnlyList<WatchStart> starts) => Track(async () =>
    {
        var watch = await Connection.WatchAsync(starts, _token);
        return await KeepAsync(watch, () => _watch = watch);
    });

    public Task<SourceBatch> ReadWatchAsync() =>
        Track(async () => await (_watch ?? throw new InvalidOperationException("no watch is open")).ReadAsync(_token));

    /// <summary>Ends the watch and keeps the connection. A read that is pending fails.</summary>
    public async Task<WatchClosed> CloseWatchAsync()
    {
        var watch = Interlocked.Exchange(ref _watch, null);
        if (watch is not null)
        {
            await watch.DisposeAsync();
        }

        return new(watch is not null);
    }

    /// <summary>Ends everything; completes when the source no longer sees us. The same task every time.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            return _closed ??= CloseCoreAsync();
        }
    }

    public ValueTask DisposeAsync() => new(CloseAsync());

    private async Task CloseCoreAsync()
    {
        // Off the caller's thread and out of the lock before any code of the adapter runs.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _cancellation.CancelAsync();
        try
        {
            await CloseWatchAsync();
        }
        finally
        {
            if (_connection is { } connection)
            {
                await connection.DisposeAsync();
            }

            _cancellation.Dispose();
        }

        // A call that is cancelled still counts at the source until it has returned. Connecting does not: it holds neither a list nor a
        // watch, and one that hangs must not hold up the next.
        await _underWay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Task<T> Track<T>(Func<Task<T>> call)
    {
        var task = call();
        _underWay = task;
        return task;
    }

    private async Task<T> KeepAsync<T>(T resource, Action keep)
        where T : IAsyncDisposable
    {
        lock (_gate)
        {
            if (_closed is null)
            {
                keep();
                return resource;
            }
        }

        await resource.DisposeAsync();
        throw new OperationCanceledException("the session was closed meanwhile");
    }
}
