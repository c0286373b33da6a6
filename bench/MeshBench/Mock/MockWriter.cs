using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Etcd;
using KvStoreMesh.Etcd.Writing;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.MeshBench.Mock;

/// <summary>Keeps the etcds as a <see cref="MockMesh"/> says: fills them, then changes them at a rate or in bursts.</summary>
internal sealed class MockWriter : IAsyncDisposable
{
    private const int FillLanes = 8;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(30);

    private readonly MockMesh _mesh;
    private readonly WriteLanes[] _lanes;
    private readonly TimeProvider _time;
    private long _written;

    private MockWriter(MockMesh mesh, WriteLanes[] lanes, TimeProvider time) => (_mesh, _lanes, _time) = (mesh, lanes, time);

    /// <summary>Changes handed to the etcds since the fill.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>The highest revision of any etcd.</summary>
    public long Revision => _lanes.Max(lanes => lanes.Revision);

    /// <summary>Handed over and not written yet.</summary>
    public long Pending => _lanes.Sum(lanes => lanes.Pending);

    /// <summary>Connects.</summary>
    /// <param name="mesh">What to write.</param>
    /// <param name="etcdConfigs">etcd client configurations; clusters go to them in turn.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreException">An etcd could not be reached.</exception>
    public static async Task<MockWriter> ConnectAsync(
        MockMesh mesh, IReadOnlyList<string> etcdConfigs, TimeProvider time, CancellationToken cancellationToken)
    {
        var options = new EtcdSourceOptions { AnswerTimeout = TimeSpan.FromSeconds(60) };
        var lanes = new List<WriteLanes>();
        foreach (var config in etcdConfigs)
        {
            var connector = new EtcdSourceConnector(options, time, new Random(1), NullLogger<EtcdSourceConnector>.Instance);
            lanes.Add(new WriteLanes(await new EtcdLocalStoreConnector(config, connector, options).ConnectAsync(cancellationToken), FillLanes));
        }

        return new MockWriter(mesh, [.. lanes], time);
    }

    /// <summary>Writes configs, content and then canaries; returns the number of keys of the content.</summary>
    public async Task<int> FillAsync(CancellationToken cancellationToken)
    {
        await WriteAllAsync(_mesh.Configs(), cancellationToken);
        await HeartbeatAsync(cancellationToken);
        var keys = await WriteAllAsync(_mesh.Fill(), cancellationToken);
        await WriteAllAsync(_mesh.Canaries(), cancellationToken);
        return keys;
    }

    /// <summary>Changes at a rate until cancelled, and returns when all is written. An open loop: it never waits for a reader.</summary>
    public async Task ChurnAsync(double eventsPerSecond, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Pace, _time);
        var (started, issued, beat) = (_time.GetTimestamp(), 0L, _time.GetTimestamp());
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var due = (long)(_time.GetElapsedTime(started).TotalSeconds * eventsPerSecond);
                for (; issued < due; issued++)
                {
                    await WriteAsync(_mesh.Next(_time.GetTimestamp()), CancellationToken.None);
                }

                if (_time.GetElapsedTime(beat) > HeartbeatEvery)
                {
                    beat = _time.GetTimestamp();
                    await HeartbeatAsync(stop);
                }

                await CheckAsync();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        await DrainAsync(CancellationToken.None);
    }

    /// <summary>Updates so many endpoints as fast as the etcds take them; returns when all is written.</summary>
    public async Task BurstAsync(int events, CancellationToken cancellationToken)
    {
        for (var i = 0; i < events; i++)
        {
            await WriteAsync(_mesh.NextUpdate(_time.GetTimestamp()), cancellationToken);
        }

        await DrainAsync(cancellationToken);
    }

    /// <summary>Updates so many endpoints with one Put after the other, as a client without transactions does.</summary>
    public async Task PutInSequenceAsync(int events, CancellationToken cancellationToken)
    {
        for (var i = 0; i < events; i++)
        {
            await WriteAsync(_mesh.NextUpdate(_time.GetTimestamp()), cancellationToken);
            await DrainAsync(cancellationToken);
        }
    }

    /// <summary>Updates so many different endpoints of the first cluster in one transaction.</summary>
    public async Task TransactAsync(int events, CancellationToken cancellationToken)
    {
        var writes = _mesh.UpdateDistinct(events, _time.GetTimestamp());
        Interlocked.Add(ref _written, writes.Count);
        await _lanes[0].TransactAsync(writes, cancellationToken);
    }

    /// <summary>Hands so many mixed changes over, without waiting for their being written.</summary>
    public async Task IssueAsync(int events, CancellationToken cancellationToken)
    {
        for (var i = 0; i < events; i++)
        {
            await WriteAsync(_mesh.Next(_time.GetTimestamp()), cancellationToken);
        }

        await CheckAsync();
    }

    /// <summary>Waits until all that was handed over is written.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) => Task.WhenAll(_lanes.Select(lanes => lanes.DrainAsync(cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        foreach (var lanes in _lanes)
        {
            await lanes.DisposeAsync();
        }
    }

    private async Task CheckAsync()
    {
        foreach (var lanes in _lanes)
        {
            await lanes.CheckAsync();
        }
    }

    private ValueTask WriteAsync(MockWrite write, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _written);
        return _lanes[write.Cluster % _lanes.Length].WriteAsync(write, cancellationToken);
    }

    // As Cilium's operator does, so that readers with a heartbeat check stay calm.
    private async Task HeartbeatAsync(CancellationToken cancellationToken)
    {
        var value = System.Text.Encoding.UTF8.GetBytes(_time.GetUtcNow().ToString("O"));
        for (var i = 0; i < _lanes.Length; i++)
        {
            await _lanes[i].WriteAsync(new MockWrite(i, CiliumKeys.Heartbeat, value), cancellationToken);
        }
    }

    private async Task<int> WriteAllAsync(IEnumerable<MockWrite> writes, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var write in writes)
        {
            await _lanes[write.Cluster % _lanes.Length].WriteAsync(write, cancellationToken);
            count++;
        }

        await DrainAsync(cancellationToken);
        return count;
    }
}
