namespace KvStoreMesh.Core.Sinks;

public sealed partial class SinkMirror
{
    /// <summary>A command has ended.</summary>
    /// <param name="command">One that <see cref="TryNext"/> handed out; not again.</param>
    /// <param name="error">Why it failed; null if it did not. Anything but a <see cref="StoreException"/> counts as no answer.</param>
    public void Complete(SinkCommand command, Exception? error)
    {
        if (!_session.End(command))
        {
            return;
        }

        var now = Now;
        switch (command)
        {
            case ConnectCommand connect:
                Connected(connect, error, now);
                break;
            case WriteCommand write:
                Written(write, error, now);
                break;
            case ListCommand list:
                Listed(list, error, now);
                break;
            case DrainCommand drain:
                Drained(drain, error, now);
                break;
            case CheckConfigsCommand check:
                Checked(check, error, now);
                break;
            case GrantCommand grant:
                _leases.Granted(grant, error is null, now);
                Failed(error, now);
                break;
            case ElectionCommand election:
                Elected(election, error, now);
                break;
            case RenewCommand renew:
                LostLeases(_leases.Renewed(renew, error is null, now));
                Failed(error, now);
                break;
        }
    }

    // Notes a failure that says nothing about the request itself: the connection is given up.
    private void Failed(Exception? error, TimeSpan now)
    {
        if (error is null)
        {
            return;
        }

        Note(error);
        _pace.Failed();
        _session.Break(now);
    }

    private void Note(Exception error)
    {
        _counters.Failures++;
        _counters.LastError = error.Message;
        _counters.LastErrorAt = _time.GetUtcNow();
    }

    private void Connected(ConnectCommand command, Exception? error, TimeSpan now)
    {
        if (error is not null)
        {
            Failed(error, now);
            return;
        }

        var reconnected = _checkAt != TimeSpan.MaxValue;
        _checkAt = now + _options.EnforceInterval;
        if (!_session.Opened(command.Store!))
        {
            LoseHistory();
        }
        else if (reconnected)
        {
            // What was under way when the connection broke may still take effect: compared later, when it cannot any more.
            _verifyAt = now + _options.VerifyDelay;
            _leases.RenewSoon(now);
        }
    }

    private void Written(WriteCommand command, Exception? error, TimeSpan now)
    {
        _inFlight--;
        if (error is not null)
        {
            WriteFailed(command, error, now);
            return;
        }

        _pace.Answered(now - command.Started);
        _counters.Transactions++;
        var canary = false;
        foreach (var write in command.Writes)
        {
            canary |= write.Entry.IsCanary;
            _counters.Count(write);
            Acknowledge(write);
        }

        if (canary && !IsBootstrapped && _clusters.Values.All(cluster => cluster.IsComplete))
        {
            IsBootstrapped = true;
            if (_options.Qps is { } rate)
            {
                _rate!.ChangeRate(rate);
            }
        }

        Saw(command, command.Revision);
    }

    private void Acknowledge(SinkWrite write)
    {
        if (write.Entry.Cluster is { } cluster)
        {
            cluster.Acknowledge(write);
            _planner.Enroll(cluster);
        }
        else
        {
            write.Entry.InFlight = false;
            write.Entry.Written = write.Value;
            write.Entry.IsUncertain = write.Lease!.IsLost || write.Version != write.Entry.Version;
        }
    }

    private void WriteFailed(WriteCommand command, Exception error, TimeSpan now)
    {
        var failure = (error as StoreException)?.Failure ?? StoreFailure.Unavailable;
        switch (failure)
        {
            case StoreFailure.Unavailable:
                Failed(error, now);
                break;
            case StoreFailure.Fenced:
                Deposed(error);
                break;
            case StoreFailure.LeaseNotFound:
                Note(error);
                LostLeases(_leases.Doubt(command.Writes));
                break;
            case StoreFailure.TooManyOperations when command.Writes.Count > 1:
                _planner.AllowFewerOperations(command.Writes.Count);
                break;
            default:
                Note(error);
                _planner.AllowFewerBytes();
                break;
        }

        var refused = failure is StoreFailure.Refused || (failure is StoreFailure.TooManyOperations && command.Writes.Count == 1);
        foreach (var write in command.Writes)
        {
            write.Entry.IsAlone |= refused;
            if (refused && command.Writes.Count == 1 && write.Entry.Cluster is not null)
            {
                write.Entry.IsParked = true;
                _parked.Enqueue(write.Entry, now + _options.RefusedRetry);
            }

            Fail(write);
        }
    }

    private void Fail(SinkWrite write)
    {
        if (write.Entry.Cluster is { } cluster)
        {
            cluster.Fail(write);
            _planner.Enroll(cluster);
        }
        else
        {
            write.Entry.InFlight = false;
            write.Entry.IsUncertain = true;
        }
    }

    private void Listed(ListCommand command, Exception? error, TimeSpan now)
    {
        var cluster = command.Cluster;
        if (error is not null)
        {
            _lists--;
            Failed(error, now);
            if (cluster.Listing == command.Listing)
            {
                Relist(cluster);
            }

            return;
        }

        command.Listing.Add(command.Page!);
        if (!Saw(command, command.Page!.Revision) || cluster.Listing != command.Listing)
        {
            // Removed meanwhile, or everything is listed again.
            _lists--;
        }
        else if (!command.Listing.IsComplete)
        {
            _pages.Enqueue((cluster, command.Listing));
        }
        else
        {
            _lists--;
            cluster.EndListing();
            _planner.Enroll(cluster);
        }
    }

    private void Drained(DrainCommand command, Exception? error, TimeSpan now)
    {
        var cluster = command.Cluster;
        cluster.IsDrainStepRunning = false;
        if (error is not null)
        {
            if (error is StoreException { Failure: StoreFailure.Fenced })
            {
                // The step is the next leader's, or ours once we lead again.
                Deposed(error);
                return;
            }

            cluster.Drain!.Failed(now);
            if (error is StoreException { Failure: not StoreFailure.Unavailable })
            {
                Note(error);
            }
            else
            {
                Failed(error, now);
            }

            return;
        }

        cluster.Drain!.Succeeded(now);
        if (cluster.Drain.IsDone)
        {
            _draining.Remove(cluster);
            _clusters.Remove(cluster.Name);
            cluster.Retire();
            if (cluster.Successor is { } successor)
            {
                _clusters.Add(successor.Name, successor);
                _unlisted.Enqueue(successor);
            }
        }

        Saw(command, command.Revision);
    }

    private void Checked(CheckConfigsCommand command, Exception? error, TimeSpan now)
    {
        _isCheckingConfigs = false;
        if (error is not null)
        {
            Failed(error, now);
            return;
        }

        _configCheck.Add(command.Page!);
        _checkFrom = command.Page!.NextKey;
        if (_checkFrom is null)
        {
            _checkAt = now + _options.EnforceInterval;
            foreach (var cluster in _clusters.Values.Where(cluster => cluster.Phase == SinkClusterPhase.Mirroring))
            {
                // A write may have overtaken the list; the comparison that follows is exact.
                if (_configCheck.IsAmiss(cluster.Config))
                {
                    Relist(cluster);
                }
            }

            _configCheck = new ConfigCheck();
        }

        Saw(command, command.Page!.Revision);
    }

    private void LostLeases(IReadOnlyList<SinkEntry> entries)
    {
        // Data first: a canary that is gone, too, waits for it.
        foreach (var entry in entries.OrderBy(entry => entry.IsCanary))
        {
            if (entry.Cluster is { } cluster)
            {
                cluster.LoseLease(entry);
                _planner.Enroll(cluster);
            }
            else
            {
                entry.IsUncertain = true;
            }
        }
    }

    private void Elected(ElectionCommand command, Exception? error, TimeSpan now)
    {
        if (_election!.Complete(command, error))
        {
            LoseLead();
        }

        if (error is not null and not StoreException { Failure: StoreFailure.LeaseNotFound })
        {
            Failed(error, now);
        }
        else if (command.Contenders is { } contenders)
        {
            Saw(command, contenders.Revision);
        }
    }

    // Found by a write: the clock did not know.
    private void Deposed(Exception error)
    {
        Note(error);
        if (_election?.Forget() == true)
        {
            LoseLead();
        }
    }

    // Another daemon writes now, and takes every key over: when this one leads again, it begins with a comparison.
    private void LoseLead() => ForgetStore();

    private bool Saw(SinkCommand command, long revision)
    {
        var same = _session.Saw(command, revision);
        if (!same)
        {
            LoseHistory();
        }

        return same;
    }

    // The store was wiped, restored or replaced: nothing that was ever answered can be relied on.
    private void LoseHistory()
    {
        _counters.HistoriesLost++;
        _election?.Forget();
        ForgetStore();
    }

    private void ForgetStore()
    {
        _lists -= _pages.Count;
        _pages.Clear();
        LostLeases(_leases.LoseAll());
        RelistAll();
    }
}
