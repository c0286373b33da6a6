using System.Collections.Immutable;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.TestSupport.Sources;

/// <summary>A connection of a <see cref="FakeSource"/>. Throws if a member is called twice at once, which the port forbids.</summary>
internal sealed class FakeConnection(FakeSource source, FakeEtcd etcd, string endpoint) : ISourceConnection
{
    private readonly CancellationTokenSource _broken = new();
    private readonly SemaphoreSlim _reading = new(1);
    private readonly SemaphoreSlim _listing = new(1);
    private readonly SemaphoreSlim _opening = new(1);
    private ImmutableHashSet<FakeWatch> _watches = [];

    public ulong EtcdClusterId => etcd.ClusterId;

    public string Endpoint => endpoint;

    public int OpenStreams => _watches.Count;

    public int OpenWatches => _watches.Sum(watch => watch.Ranges);

    public Task<SourceRead> ReadAsync(string key, CancellationToken cancellationToken) =>
        CallAsync(_reading, SourcePhase.ClusterConfig, source.Reads, () =>
        {
            var page = etcd.List(SourceRange.Exactly(key), null, 0, 1);
            return new SourceRead(page.Entries.Count > 0 ? page.Entries[0] : null, page.Revision);
        }, cancellationToken);

    public async Task<SourcePage> ListAsync(SourceRange range, string? fromKey, long revision, CancellationToken cancellationToken)
    {
        source.BeginPage(first: fromKey is null);
        try
        {
            return await CallAsync(
                _listing, SourcePhase.List, source.Lists, () => etcd.List(range, fromKey, revision, source.PageSize), cancellationToken);
        }
        finally
        {
            source.EndPage();
        }
    }

    public Task<ISourceWatch> WatchAsync(IReadOnlyList<WatchStart> starts, CancellationToken cancellationToken) =>
        CallAsync<ISourceWatch>(_opening, SourcePhase.Watch, source.Watches, () =>
        {
            // As etcd: a compacted start is told only by the first read.
            var watch = new FakeWatch(source, etcd, starts, Forget, _broken.Token);
            ImmutableInterlocked.Update(ref _watches, set => set.Add(watch));
            source.CountStreams();
            return watch;
        }, cancellationToken);

    public void Break() => _broken.Cancel();

    public void SendProgress()
    {
        foreach (var watch in _watches)
        {
            watch.SendProgress();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Break();
        foreach (var watch in _watches)
        {
            await watch.DisposeAsync();
        }

        source.Forget(this);
    }

    internal static async Task BreakableAsync(
        SourcePhase phase, Func<CancellationToken, Task> wait, CancellationToken broken, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(broken, cancellationToken);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            await wait(either.Token);
            either.Token.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new SourceException(phase, "connection lost");
        }
    }

    private void Forget(FakeWatch watch) => ImmutableInterlocked.Update(ref _watches, set => set.Remove(watch));

    private async Task<T> CallAsync<T>(
        SemaphoreSlim one, SourcePhase phase, FakeGate gate, Func<T> answer, CancellationToken cancellationToken)
    {
        if (!one.Wait(0, CancellationToken.None))
        {
            throw new InvalidOperationException($"{endpoint}: a second call at once, {phase}");
        }

        try
        {
            await BreakableAsync(phase, gate.PassAsync, _broken.Token, cancellationToken);
            source.ThrowFault(phase);
            return answer();
        }
        finally
        {
            one.Release();
        }
    }
}
