using KvStoreMesh.Core.Sinks;

namespace KvStoreMesh.Etcd.Tests.Writing;

/// <summary>Drives a mirror against a real etcd as its actor does: one thread at a time, calls on the pool.</summary>
internal sealed class MirrorLoop(SinkMirror mirror, SinkFeed feed) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _ended = new(0);
    private readonly List<(SinkCommand Command, Exception? Error)> _done = [];
    private int _running;

    /// <summary>Runs until the condition holds, asked whenever something happened and every 20 ms.</summary>
    public async Task RunUntilAsync(Func<EtcdSinkStatus, bool> condition, CancellationToken cancellationToken)
    {
        while (!condition(mirror.Describe()))
        {
            Turn();
            var wait = mirror.NextDue() is { } due && due < TimeSpan.FromMilliseconds(20) ? due : TimeSpan.FromMilliseconds(20);
            await _ended.WaitAsync(wait, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (mirror.Release(out var lockLease) is { } store)
        {
            if (lockLease != 0)
            {
                await store.RevokeAsync(lockLease, CancellationToken.None);
            }

            await store.DisposeAsync();
        }

        while (Volatile.Read(ref _running) > 0)
        {
            await _ended.WaitAsync();
        }

        _ended.Dispose();
    }

    private void Turn()
    {
        List<(SinkCommand Command, Exception? Error)> done;
        lock (_lock)
        {
            done = [.. _done];
            _done.Clear();
        }

        foreach (var (command, error) in done)
        {
            mirror.Complete(command, error);
        }

        foreach (var changes in feed.Take())
        {
            mirror.Absorb(changes);
        }

        while (mirror.TryNext(out var command))
        {
            Interlocked.Increment(ref _running);
            _ = Task.Run(() => RunAsync(command));
        }
    }

    private async Task RunAsync(SinkCommand command)
    {
        Exception? error = null;
        try
        {
            await command.RunAsync(CancellationToken.None);
        }
        catch (StoreException e)
        {
            error = e;
        }

        lock (_lock)
        {
            _done.Add((command, error));
        }

        Interlocked.Decrement(ref _running);
        _ended.Release();
    }
}
