namespace KvStoreMesh.Replicator.Fanout;

/// <summary>Wakes one waiting loop; any number of signals before it looks count as one. Setting never blocks.</summary>
internal sealed class WakeSignal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);
    private int _set;

    /// <summary>Wakes the loop, now or when it waits next.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _set, 1) == 0)
        {
            _semaphore.Release();
        }
    }

    /// <summary>Waits for a signal and takes it.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _semaphore.WaitAsync(cancellationToken);
        Interlocked.Exchange(ref _set, 0);
    }

    /// <inheritdoc />
    public void Dispose() => _semaphore.Dispose();
}
