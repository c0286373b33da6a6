using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using KvStoreMesh.MeshBench.Wire;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>
/// Thousands of subscribers, each on a TCP connection of its own, driven by one loop on one thread. Others ask by
/// <see cref="AskAsync"/>.
/// </summary>
internal sealed class SubscriberFleet : IDisposable
{
    private const int BufferBytes = 256 << 10;
    private const int TickMilliseconds = 5;

    private readonly Func<SubscriberCounters, int, Subscriber> _create;
    private readonly IReadOnlyList<IPEndPoint> _servers;
    private readonly int _ramp;
    private readonly SubscriberCounters _counters;
    private readonly List<Subscriber> _subscribers = [];
    private readonly ConcurrentQueue<Action> _questions = new();
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly Epoll _epoll = new();
    private int _wanted;
    private int _connected;
    private int _opening;
    private long _lookedAt;
    private long _ended;
    private string? _lastEnd;
    private bool _paused;

    /// <param name="servers">Where to connect, in turn.</param>
    /// <param name="ramp">So many may be loading at a time.</param>
    /// <param name="counters">Shared by the subscribers.</param>
    /// <param name="create">Makes the subscriber of a number.</param>
    public SubscriberFleet(IReadOnlyList<IPEndPoint> servers, int ramp, SubscriberCounters counters, Func<SubscriberCounters, int, Subscriber> create) =>
        (_servers, _ramp, _counters, _create) = (servers, ramp, counters, create);

    /// <summary>Runs the loop until cancelled.</summary>
    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            while (_questions.TryDequeue(out var question))
            {
                question();
            }

            OpenMore();
            foreach (var ready in _epoll.Wait(TickMilliseconds))
            {
                Serve(ready);
            }

            SayWhatIsDue();
        }

        _subscribers.ForEach(subscriber => subscriber.Disconnect());
    }

    public void Dispose() => _epoll.Dispose();

    /// <summary>Has something done on the loop's thread.</summary>
    public Task<T> AskAsync<T>(Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _questions.Enqueue(() =>
        {
            try
            {
                answer.SetResult(question());
            }
#pragma warning disable CA1031 // It belongs to whoever asked.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                answer.SetException(failure);
            }
        });
        return answer.Task;
    }

    // The following are for AskAsync.

    /// <summary>From now on so many are wanted.</summary>
    public int Want(int count) => _wanted = count;

    /// <summary>Closes all connections, keeps all content, and opens no more until <see cref="Reconnect"/>.</summary>
    public int DisconnectAll()
    {
        _subscribers.ForEach(subscriber => subscriber.Disconnect());
        (_connected, _opening, _paused) = (0, 0, true);
        return _subscribers.Count;
    }

    public bool Reconnect() => _paused = false;

    /// <summary>Lets so many, from the first on, stand still, as a process that has hung; the others run.</summary>
    public int Stop(int count)
    {
        for (var i = 0; i < _subscribers.Count; i++)
        {
            var subscriber = _subscribers[i];
            if (subscriber.Stream is { } stream && subscriber.IsStopped != i < count)
            {
                _epoll.Change(stream.Descriptor, i, i < count ? 0 : Epoll.Readable);
            }

            subscriber.IsStopped = i < count;
        }

        return count;
    }

    public FleetStats Stats()
    {
        var running = _subscribers.Where(subscriber => !subscriber.IsStopped).ToList();
        return new(
            _wanted,
            _subscribers.Count(subscriber => subscriber.Stream is not null),
            _subscribers.Count(subscriber => subscriber.IsReady),
            _ended,
            _lastEnd,
            _counters.Deliveries,
            _counters.Duplicated,
            _counters.SnapshotRecords,
            _counters.Messages,
            _counters.Bytes,
            running.Count == 0 ? 0 : running.Min(subscriber => subscriber.Revision),
            _counters.LastArrival,
            _counters.Lag.Quantile(0.5),
            _counters.Lag.Quantile(0.99),
            _counters.Lag.Quantile(0.999),
            _counters.Lag.MaxMicroseconds / 1000.0);
    }

    public bool Reset()
    {
        _counters.Reset();
        return true;
    }

    /// <summary>Compares every reader that runs with the sources.</summary>
    /// <param name="source">What each must hold.</param>
    /// <param name="connections">A reader's connections: so many subscribers in a row hold parts of one content.</param>
    public FleetVerdict Compare(SourceContent source, int connections)
    {
        source.Number(_counters.Keys);
        var (matching, lost) = (0, 0L);
        foreach (var reader in _subscribers.Where(subscriber => !subscriber.IsStopped).Select(subscriber => subscriber.Content).Chunk(connections))
        {
            // A digest is a sum, so that of the whole is the sum of the parts'.
            if (reader.Aggregate(0UL, (sum, content) => sum + content.Digest) == source.Digest)
            {
                matching++;
                continue;
            }

            for (var key = 0; key < _counters.Keys.Count; key++)
            {
                lost += reader.Select(content => content.ValueOf(key)).FirstOrDefault(value => value != 0) == source.ValueOf(key) ? 0 : 1;
            }
        }

        return new(source.Notes.Count, matching, lost);
    }

    private void OpenMore()
    {
        if (_paused || _connected >= _wanted || _opening >= _ramp)
        {
            return;
        }

        for (var number = 0; number < _wanted && _opening < _ramp; number++)
        {
            if (number == _subscribers.Count)
            {
                _subscribers.Add(_create(_counters, number));
            }

            var subscriber = _subscribers[number];
            if (subscriber.Stream is null && Connect(subscriber, _servers[number % _servers.Count]))
            {
                _epoll.Watch(subscriber.Stream!.Descriptor, number);
                _connected++;
                _opening++;
            }
        }
    }

    private bool Connect(Subscriber subscriber, IPEndPoint server)
    {
        try
        {
            subscriber.Connect(server);
            return true;
        }
        catch (System.Net.Sockets.SocketException e)
        {
            (_ended, _lastEnd) = (_ended + 1, e.Message);
            return false;
        }
    }

    private void Serve(in EpollEvent ready)
    {
        var subscriber = _subscribers[ready.Token];
        if (subscriber.Stream is not { } stream || subscriber.IsStopped)
        {
            return;
        }

        var wasReady = subscriber.IsReady;
        if (ready.IsWritable)
        {
            stream.OnWritable();
        }

        try
        {
            stream.OnReadable(_buffer);
        }
        catch (InvalidDataException e)
        {
            End(subscriber, wasReady, e.Message);
            return;
        }

        if (subscriber.Stream is null || stream.Ended is not null)
        {
            End(subscriber, wasReady, stream.Ended ?? "the daemon said goodbye");
            return;
        }

        _opening -= subscriber.IsReady && !wasReady ? 1 : 0;
        if (stream.HasUnsent != ready.IsWritable)
        {
            _epoll.Change(stream.Descriptor, ready.Token, stream.HasUnsent ? Epoll.Readable | Epoll.Writable : Epoll.Readable);
        }
    }

    private void End(Subscriber subscriber, bool wasReady, string reason)
    {
        subscriber.Disconnect();
        (_ended, _lastEnd) = (_ended + 1, reason);
        _connected--;
        _opening -= wasReady ? 0 : 1;
    }

    private void SayWhatIsDue()
    {
        var now = Stopwatch.GetTimestamp();
        if (now - _lookedAt < Stopwatch.Frequency * TickMilliseconds / 1_000)
        {
            return;
        }

        _lookedAt = now;
        foreach (var subscriber in _subscribers)
        {
            if (subscriber.DueAt <= now && !subscriber.IsStopped)
            {
                subscriber.OnDue();
            }
        }
    }
}
