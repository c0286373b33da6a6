using System.Threading.Channels;
using KvStoreMesh.Core.Sinks;

namespace KvStoreMesh.MeshBench.Mock;

/// <summary>
/// Writes to one etcd with several calls in flight and yet in order for each key: a key always goes the same lane, and a
/// lane has one call in flight. A lane that is behind writes what has gathered as one transaction.
/// </summary>
internal sealed class WriteLanes : IAsyncDisposable
{
    private const int MaxOperations = 128;

    private readonly ILocalStore _store;
    private readonly Channel<MockWrite>[] _lanes;
    private readonly Task[] _loops;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _progress = new(0);
    private long _pending;
    private long _revision;

    public WriteLanes(ILocalStore store, int lanes)
    {
        _store = store;
        // Bounded: whoever generates faster than etcd writes has to wait.
        _lanes = [.. Enumerable.Range(0, lanes).Select(_ => Channel.CreateBounded<MockWrite>(2 * MaxOperations))];
        _loops = [.. _lanes.Select(lane => Task.Run(() => RunAsync(lane.Reader)))];
    }

    /// <summary>Handed over and not written yet.</summary>
    public long Pending => Interlocked.Read(ref _pending);

    /// <summary>The highest revision that an answer named.</summary>
    public long Revision => Interlocked.Read(ref _revision);

    /// <summary>Hands over a write; waits while its lane is full.</summary>
    public ValueTask WriteAsync(MockWrite write, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _pending);
        var lane = (uint)string.GetHashCode(write.Key, StringComparison.Ordinal) % (uint)_lanes.Length;
        return _lanes[lane].Writer.WriteAsync(write, cancellationToken);
    }

    /// <summary>Writes all at one revision, while nothing is pending.</summary>
    public async Task TransactAsync(IEnumerable<MockWrite> writes, CancellationToken cancellationToken) =>
        InterlockedMax(await _store.TransactAsync([.. writes.Select(Operation)], null, cancellationToken));

    /// <summary>Waits until all is written.</summary>
    /// <exception cref="StoreException">A write failed.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (Pending > 0)
        {
            await CheckAsync();
            await _progress.WaitAsync(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }

    /// <summary>Throws if a lane has failed.</summary>
    public async Task CheckAsync()
    {
        foreach (var loop in _loops.Where(loop => loop.IsFaulted))
        {
            await loop;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops.Select(loop => loop.ContinueWith(_ => { }, TaskScheduler.Default)));
        _stop.Dispose();
        _progress.Dispose();
        await _store.DisposeAsync();
    }

    private async Task RunAsync(ChannelReader<MockWrite> lane)
    {
        var operations = new List<StoreOperation>();
        var keys = new HashSet<string>();
        try
        {
            while (await lane.WaitToReadAsync(_stop.Token))
            {
                // etcd takes a key only once in a transaction.
                while (operations.Count < MaxOperations && lane.TryPeek(out var next) && keys.Add(next.Key))
                {
                    lane.TryRead(out next);
                    operations.Add(Operation(next));
                }

                var revision = await _store.TransactAsync(operations, null, _stop.Token);
                InterlockedMax(revision);
                if (Interlocked.Add(ref _pending, -operations.Count) == 0 && _progress.CurrentCount == 0)
                {
                    _progress.Release();
                }

                operations.Clear();
                keys.Clear();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    private static StoreOperation Operation(MockWrite write) =>
        write.Value is { } value ? StoreOperation.Put(write.Key, value, 0) : StoreOperation.Delete(write.Key);

    private void InterlockedMax(long revision)
    {
        for (var seen = Revision; revision > seen;)
        {
            seen = Interlocked.CompareExchange(ref _revision, revision, seen);
        }
    }
}
