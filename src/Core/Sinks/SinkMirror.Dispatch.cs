using System.Diagnostics.CodeAnalysis;

namespace KvStoreMesh.Core.Sinks;

public sealed partial class SinkMirror
{
    private readonly Queue<(SinkCluster Cluster, StoreListing Listing)> _pages = [];
    private int _inFlight;
    private int _lists;
    private bool _isCheckingConfigs;
    private string? _checkFrom;
    private TimeSpan _checkAt = TimeSpan.MaxValue;
    private TimeSpan _verifyAt = TimeSpan.MaxValue;
    private TimeSpan _heartbeatAt;

    /// <summary>The next call to make; false if there is none now.</summary>
    public bool TryNext([NotNullWhen(true)] out SinkCommand? command)
    {
        var now = Now;
        Tick(now);
        command = _session.Next(now) ?? (_session.IsOpen ? Next(_session.Store!, now) : null);
        if (command is null)
        {
            return false;
        }

        _session.Begin(command, now);
        return true;
    }

    /// <summary>How long until there is something to do again if nothing is absorbed or completed before; null = for ever.</summary>
    public TimeSpan? NextDue()
    {
        var now = Now;
        var due = TimeSpan.MaxValue;
        Sooner(_ttl.NextDue);
        if (_parked.TryPeek(out _, out var parkedUntil))
        {
            Sooner(parkedUntil);
        }

        if (_heartbeat is not null)
        {
            Sooner(_heartbeatAt);
        }

        Sooner(_election?.NextDue(_session.IsOpen));
        if (_session.IsOpen && _election is { IsLeader: false })
        {
            // A standby waits for the lead alone.
        }
        else if (_session.IsOpen)
        {
            Sooner(_leases.NextDue);
            Sooner(_verifyAt);
            if (!_leases.IsInDoubt)
            {
                Sooner(_isCheckingConfigs ? null : _checkAt);
                foreach (var cluster in _draining)
                {
                    Sooner(cluster.IsDrainStepRunning || cluster.InFlight > 0 ? null : cluster.Drain!.Due);
                }
            }

            if (_rate?.NextAt(now) > now)
            {
                Sooner(_rate.NextAt(now));
            }
        }
        else if (_session.IsIdle)
        {
            Sooner(_session.RetryAt);
        }

        return due == TimeSpan.MaxValue ? null : due > now ? due - now : TimeSpan.Zero;

        void Sooner(TimeSpan? at) => due = at < due ? at.Value : due;
    }

    private void Tick(TimeSpan now)
    {
        if (_election?.Tick(now) == true)
        {
            LoseLead();
        }

        foreach (var expired in _ttl.Expire(now))
        {
            if (Find(expired) is { } cluster)
            {
                cluster.Revoke(true);
                _counters.Revocations++;
                _planner.Enroll(cluster);
            }
        }

        while (_parked.TryPeek(out var entry, out var until) && until <= now)
        {
            _parked.Dequeue();
            entry.IsParked = false;
            entry.Cluster!.Touch(entry);
            _planner.Enroll(entry.Cluster);
        }

        if (_heartbeat is not null && now >= _heartbeatAt)
        {
            _heartbeatAt = now + _options.HeartbeatInterval;
            _heartbeat.Desired = LocalTime();
            _heartbeat.Version++;
            // Also when the text is the same: it is the event that counts.
            _heartbeat.IsUncertain = true;
        }

        if (now >= _verifyAt)
        {
            _verifyAt = TimeSpan.MaxValue;
            foreach (var cluster in _clusters.Values)
            {
                _unverified.Enqueue(cluster);
            }
        }
    }

    private SinkCommand? Next(ILocalStore store, TimeSpan now)
    {
        if (_election is { } election && (election.Next(store, now) is { } electionCommand))
        {
            return electionCommand;
        }

        if (_election is { IsLeader: false })
        {
            return null;
        }

        var waiting = _planner.Waiting(LeaseKeeper.AheadKeys) + (_heartbeat is { Lease: null, IsSettled: false } ? 1 : 0);
        if (_leases.Next(store, now, waiting) is { } leaseCommand)
        {
            return leaseCommand;
        }

        if (_leases.IsInDoubt || _rate?.NextAt(now) > now)
        {
            return null;
        }

        SinkCommand? command = NextDrain(store, now);
        command ??= NextList(store);
        command ??= NextCheck(store, now);
        command ??= NextWrite(store);
        if (command is not null)
        {
            _rate?.Take(now);
        }

        return command;
    }

    private DrainCommand? NextDrain(ILocalStore store, TimeSpan now)
    {
        foreach (var cluster in _draining)
        {
            if (cluster is { IsDrainStepRunning: false, InFlight: 0 } && cluster.Drain!.Due <= now)
            {
                cluster.IsDrainStepRunning = true;
                return new DrainCommand(store, cluster, cluster.Drain.Next, _election?.Fence);
            }
        }

        return null;
    }

    private ListCommand? NextList(ILocalStore store)
    {
        if (_pages.TryDequeue(out var page))
        {
            return new ListCommand(store, page.Cluster, page.Listing, _options.PageKeys);
        }

        if (_lists >= _options.MaxLists)
        {
            return null;
        }

        if (_unlisted.Count == 0 && _lists == 0)
        {
            VerifyNext();
        }

        for (var i = _unlisted.Count; i > 0; i--)
        {
            var cluster = _unlisted.Dequeue();
            if (cluster.Phase != SinkClusterPhase.Unlisted)
            {
                continue;
            }

            if (cluster.InFlight > 0)
            {
                // What is under way would be seen or not seen by chance.
                _unlisted.Enqueue(cluster);
                continue;
            }

            _lists++;
            var listing = new StoreListing(cluster.Name);
            cluster.BeginListing(listing);
            return new ListCommand(store, cluster, listing, _options.PageKeys);
        }

        return null;
    }

    private void VerifyNext()
    {
        while (_unverified.TryDequeue(out var cluster))
        {
            if (cluster.Phase == SinkClusterPhase.Mirroring)
            {
                Relist(cluster);
                return;
            }
        }
    }

    private CheckConfigsCommand? NextCheck(ILocalStore store, TimeSpan now)
    {
        if (_isCheckingConfigs || now < _checkAt)
        {
            return null;
        }

        _isCheckingConfigs = true;
        return new CheckConfigsCommand(store, _checkFrom, _options.PageKeys);
    }

    private WriteCommand? NextWrite(ILocalStore store)
    {
        if (_inFlight >= Math.Min(_pace.Window, _options.MaxInFlight)
            || _planner.Next(_heartbeat is { Desired: not null, IsSettled: false, InFlight: false } ? _heartbeat : null, _inFlight) is not { } writes)
        {
            return null;
        }

        _inFlight++;
        return new WriteCommand(store, writes, _election?.Fence);
    }
}
