using System.Diagnostics.CodeAnalysis;
using Grpc.Core;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using ResumeToken = KvStoreMesh.Core.Cache.ResumeToken;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>The sessions and the shards that serve them; wakes the shards when the cache publishes.</summary>
internal sealed class SubscriberRegistry : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly MeshCache _cache;
    private readonly FanoutOptions _options;
    private readonly FanoutMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ClusterRoster _roster = new();
    private readonly CatchUpRules _rules;
    private readonly SweepShard[] _shards;
    private ulong _lastId;
    private int _count;
    private bool _draining;

    /// <summary>Starts the shards.</summary>
    public SubscriberRegistry(
        MeshCache cache,
        FreshnessFeed freshness,
        FanoutOptions options,
        FanoutMetrics metrics,
        TimeProvider time,
        Random random,
        ILogger<SubscriberRegistry> logger)
    {
        (_cache, _options, _metrics, _time, _random) = (cache, options, metrics, time, random);
        _shards = [.. Enumerable.Range(0, options.Shards).Select(_ => new SweepShard(cache, _roster, freshness, options, time, logger))];
        _rules = new CatchUpRules(
            new SnapshotAdmission(options.ConcurrentSnapshots, options.SnapshotLease, time), options.ConflateBeyond);
        _rules.Admission.Freed += WakeAll;
        _cache.Published += WakeAll;
        metrics.ObserveWaiting(() => _rules.Admission.Waiting);
        metrics.ObserveSubscribers(() => _count, () => Sessions.Select(session => session.OldestUnacked).DefaultIfEmpty().Max());
    }

    /// <summary>The sessions as of now, in no order.</summary>
    public IEnumerable<SubscriberSession> Sessions => _shards.SelectMany(shard => shard.Sessions);

    /// <summary>Creates a session; <see cref="Serve"/> it once its HelloReply is written.</summary>
    public bool TryOpen(
        Subscription subscription,
        IReadOnlyDictionary<ClusterName, ResumeToken> claims,
        string peer,
        IServerStreamWriter<OutboundFrame> responses,
        [NotNullWhen(true)] out SubscriberSession? session,
        out Status refusal)
    {
        session = null;
        lock (_gate)
        {
            refusal = Refusal();
            if (refusal.StatusCode != StatusCode.OK)
            {
                return false;
            }

            _count++;
            var cursor = new SubscriberCursor(_cache, _roster, subscription, claims, _rules);
            foreach (var offered in cursor.Offered)
            {
                _metrics.Offered(offered.Mode);
            }

            session = new SubscriberSession(++_lastId, subscription, peer, responses, _cache, cursor, _metrics, new Random(_random.Next()), _time);
            return true;
        }
    }

    /// <summary>Hands an open session to the shard with the fewest.</summary>
    public void Serve(SubscriberSession session)
    {
        lock (_gate)
        {
            _shards.MinBy(shard => shard.Sessions.Length)!.Add(session);
            if (_draining)
            {
                session.GoAway(TimeSpan.Zero);
            }
        }
    }

    /// <summary>Gives the session's place back.</summary>
    public void Close(SubscriberSession session, SessionEnd end)
    {
        lock (_gate)
        {
            _count--;
            foreach (var shard in _shards)
            {
                shard.Remove(session);
            }
        }

        _metrics.Ended(end.Reason);
    }

    /// <summary>Says GoAway to everybody, with returns spread over time, and waits for the sessions to end, within bounds.</summary>
    public async Task DrainAsync()
    {
        List<SubscriberSession> sessions;
        lock (_gate)
        {
            _draining = true;
            sessions = [.. Sessions];
        }

        for (var i = 0; i < sessions.Count; i++)
        {
            sessions[i].GoAway(_options.ReconnectSpread * ((double)i / sessions.Count));
        }

        using var limit = new CancellationTokenSource(_options.DrainTimeout, _time);
        Task all = Task.WhenAll(sessions.Select(session => session.Ended));
        await all.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var session in sessions)
        {
            session.End(SessionEnd.Drained with { Resets = true });
        }
    }

    /// <summary>Stops the shards.</summary>
    public async ValueTask DisposeAsync()
    {
        _cache.Published -= WakeAll;
        foreach (var shard in _shards)
        {
            await shard.DisposeAsync();
        }
    }

    private Status Refusal() => _draining
        ? new Status(StatusCode.Unavailable, "the daemon is shutting down")
        : _count < _options.MaxSubscribers
            ? Status.DefaultSuccess
            : new Status(
                StatusCode.ResourceExhausted, $"{_count} subscribers are connected, the limit is {_options.MaxSubscribers}");

    private void WakeAll()
    {
        foreach (var shard in _shards)
        {
            shard.Wake();
        }
    }
}
