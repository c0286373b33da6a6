namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// Which of several daemons writes into the local etcd that they share: Cilium's lock, so that its own KVStoreMesh counts
/// as one of them. Pure; the owner runs the commands.
/// </summary>
/// <remarks>
/// Each contender has a key under <see cref="SinkKeys.Locks"/>, attached to a lease of 25 s; the one that was created first
/// leads until its key is gone (etcd: client/v3/concurrency/mutex.go). It leads no longer than the lease certainly lives by its
/// own clock, and every write requires the very key at the store (<see cref="Fence"/>): a leader that was frozen, and does
/// not know yet that it was deposed, cannot write. A standby asks once a second who is first, instead of watching: the
/// lock of a dead leader takes up to 25 s to end, so a second more does not matter.
/// </remarks>
internal sealed class LeaderElection(TimeSpan timeToLive)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private long _lease;
    private bool _isEnlisted;
    private bool _isBusy;
    private TimeSpan _validUntil = TimeSpan.MaxValue;
    private TimeSpan _renewAt;
    private TimeSpan _lookAt;

    /// <summary>What every write requires; null while this daemon does not lead.</summary>
    public StoreFence? Fence { get; private set; }

    public bool IsLeader => Fence is not null;

    /// <summary>The key of who leads, as last seen; null if not known.</summary>
    public string? Leader { get; private set; }

    /// <summary>The lock's lease, to be given up by whoever stops; 0 = none.</summary>
    public long Lease => _lease;

    /// <summary>How often the lead was lost.</summary>
    public long Lost { get; private set; }

    public SinkCommand? Next(ILocalStore store, TimeSpan now)
    {
        if (_isBusy || NextStep(now) is not { } step)
        {
            return null;
        }

        _isBusy = true;
        return new ElectionCommand(store, step, _lease, timeToLive);
    }

    /// <summary>When there is something to do; null while an answer is awaited.</summary>
    public TimeSpan? NextDue(bool isConnected)
    {
        if (!isConnected || _isBusy)
        {
            return _lease == 0 ? null : _validUntil;
        }

        var due = _lease == 0 || !_isEnlisted ? TimeSpan.Zero : IsLeader || _renewAt < _lookAt ? _renewAt : _lookAt;
        return due < _validUntil ? due : _validUntil;
    }

    /// <summary>Time has passed. True if the lead ended by it: nobody can say any more that the lease is alive.</summary>
    public bool Tick(TimeSpan now) => _lease != 0 && now >= _validUntil && Forget();

    /// <summary>A command has ended. True if the lead ended by it.</summary>
    public bool Complete(ElectionCommand command, Exception? error)
    {
        _isBusy = false;
        if (error is not null)
        {
            return error is StoreException { Failure: StoreFailure.LeaseNotFound } && Forget();
        }

        switch (command.Step)
        {
            case ElectionStep.Grant:
                (_lease, _isEnlisted) = (command.Lease, false);
                Alive(command.Started);
                return false;
            case ElectionStep.Enlist:
                (_isEnlisted, _lookAt) = (true, command.Started);
                return false;
            case ElectionStep.Look:
                Look(command);
                return false;
            default:
                if (command.IsLost)
                {
                    return Forget();
                }

                Alive(command.Started);
                return false;
        }
    }

    /// <summary>The lock is lost, or may be: starts from the beginning. True if this daemon was leading.</summary>
    public bool Forget()
    {
        var led = IsLeader;
        (_lease, _isEnlisted, Fence, Leader, _validUntil) = (0, false, null, null, TimeSpan.MaxValue);
        Lost += led ? 1 : 0;
        return led;
    }

    /// <summary>For an owner that lost its running calls.</summary>
    public void Recover() => _isBusy = false;

    private ElectionStep? NextStep(TimeSpan now)
    {
        if (_lease == 0)
        {
            return ElectionStep.Grant;
        }

        if (now >= _renewAt)
        {
            return ElectionStep.Renew;
        }

        if (!_isEnlisted)
        {
            return ElectionStep.Enlist;
        }

        return !IsLeader && now >= _lookAt ? ElectionStep.Look : null;
    }

    // Counted from before the request, so that the store's count cannot end earlier.
    private void Alive(TimeSpan since) => (_validUntil, _renewAt) = (since + timeToLive, since + (timeToLive / 3));

    private void Look(ElectionCommand command)
    {
        _lookAt = command.Started + LookInterval;
        if (_lease == 0)
        {
            return;
        }

        var contenders = command.Contenders!.Entries.OrderBy(entry => entry.CreateRevision).ToList();
        var own = contenders.Find(entry => entry.Key == SinkKeys.Lock(_lease));
        var first = contenders.FirstOrDefault();

        // Somebody took it away, as an operator might: queue up again.
        _isEnlisted = own.Key is not null;
        Leader = first.Key;
        Fence = _isEnlisted && first.Key == own.Key ? new StoreFence(own.Key!, own.CreateRevision) : null;
    }
}
