using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.TestSupport.Sources;

/// <summary>
/// A watch stream of a <see cref="FakeConnection"/>. Nothing happens but in <see cref="ReadAsync"/>, so a slow reader
/// finds the compaction that overtook it.
/// </summary>
/// <remarks>
/// As with etcd, each range is a watcher of its own: a batch holds events of one range, and a range that lags behind
/// delivers revisions that another one has passed.
/// </remarks>
internal sealed class FakeWatch : ISourceWatch
{
    private readonly FakeSource _source;
    private readonly FakeEtcd _etcd;
    private readonly IReadOnlyList<SourceRange> _ranges;
    private readonly long[] _next;
    private readonly Action<FakeWatch> _closed;
    private readonly CancellationTokenSource _broken;
    private readonly SemaphoreSlim _wake = new(0);
    private int _turn;
    private int _reading;
    private int _progress;

    public FakeWatch(
        FakeSource source, FakeEtcd etcd, IReadOnlyList<WatchStart> starts, Action<FakeWatch> closed, CancellationToken broken)
    {
        (_source, _etcd, _ranges, _closed) = (source, etcd, [.. starts.Select(start => start.Range)], closed);
        _next = [.. starts.Select(start => start.Revision)];
        _broken = CancellationTokenSource.CreateLinkedTokenSource(broken);
        etcd.Changed += Wake;
    }

    public int Ranges => _ranges.Count;

    public async Task<SourceBatch> ReadAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0)
        {
            throw new InvalidOperationException("a second read of a watch at once");
        }

        try
        {
            SourceBatch? batch = null;
            while (batch is null)
            {
                await FakeConnection.BreakableAsync(SourcePhase.Watch, _source.Deliveries.PassAsync, _broken.Token, cancellationToken);
                _source.ThrowFault(SourcePhase.Watch);
                batch = Take();
                if (batch is null)
                {
                    await FakeConnection.BreakableAsync(SourcePhase.Watch, _wake.WaitAsync, _broken.Token, cancellationToken);
                }
            }

            return batch;
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    public void SendProgress()
    {
        Volatile.Write(ref _progress, 1);
        Wake();
    }

    public ValueTask DisposeAsync()
    {
        _etcd.Changed -= Wake;
        _broken.Cancel();
        _closed(this);
        return ValueTask.CompletedTask;
    }

    private void Wake() => _wake.Release();

    private SourceBatch? Take()
    {
        // Read first: what is committed later must not be covered by a progress notification.
        var revision = _etcd.Revision;
        for (var i = 0; i < _ranges.Count; i++)
        {
            var turn = (_turn + i) % _ranges.Count;
            var events = _etcd.Events(_ranges[turn], _next[turn], _source.BatchSize);
            if (events.Count > 0)
            {
                _turn = turn + 1;
                _next[turn] = events[^1].ModRevision + 1;
                return new(events, events[^1].ModRevision, _source.Time.GetTimestamp());
            }

            // A watcher that has caught up is not hurt by a compaction of what it does not watch.
            _next[turn] = Math.Max(_next[turn], revision + 1);
        }

        return Interlocked.Exchange(ref _progress, 0) == 1 ? new([], revision, _source.Time.GetTimestamp()) : null;
    }
}
