namespace KvStoreMesh.Core.Sinks;

/// <summary>When leases are granted and renewed.</summary>
internal sealed class LeaseKeeper(SinkOptions options)
{
    /// <summary>Leases for so many waiting keys are asked for ahead, so that a bulk of writes does not wait for each grant.</summary>
    public const int AheadKeys = 3000;
    private const int MaxGrants = 2;

    private int _grants;
    private bool _isRenewing;

    public LeaseBook Book { get; } = new(options.KeysPerLease);

    /// <summary>When the leases are renewed next: at a third of their time to live, as the Go client does.</summary>
    private TimeSpan RenewAt { get; set; } = TimeSpan.MaxValue;

    /// <summary>When there is something to renew; null while there is not.</summary>
    public TimeSpan? NextDue => Book.Count == 0 ? null : RenewAt;

    /// <summary>A lease turned out to be lost: nothing is written before it is known which others are.</summary>
    public bool IsInDoubt { get; private set; }

    public long Lost { get; private set; }

    public SinkCommand? Next(ILocalStore store, TimeSpan now, int waitingKeys)
    {
        if (!_isRenewing && (IsInDoubt || (Book.Count > 0 && now >= RenewAt)))
        {
            Book.ForgetEmpty();
            _isRenewing = true;
            RenewAt = TimeSpan.MaxValue;
            return new RenewCommand(store, [.. Book.Ids]);
        }

        if (IsInDoubt || _grants == MaxGrants || Book.Room + (_grants * options.KeysPerLease) >= Math.Min(waitingKeys, AheadKeys))
        {
            return null;
        }

        _grants++;
        return new GrantCommand(store, options.LeaseTtl);
    }

    public void Granted(GrantCommand command, bool ok, TimeSpan now)
    {
        _grants--;
        if (ok)
        {
            Book.Granted(command.Lease);
            RenewSoon(command.Started + (options.LeaseTtl / 3));
        }
    }

    /// <summary>Notes the renewal and returns the entries whose lease is lost.</summary>
    public IReadOnlyList<SinkEntry> Renewed(RenewCommand command, bool ok, TimeSpan now)
    {
        _isRenewing = false;
        if (!ok)
        {
            RenewAt = now;
            return [];
        }

        IsInDoubt = false;
        RenewAt = command.Started + (options.LeaseTtl / 3);
        return [.. command.Lost.SelectMany(Lose)];
    }

    /// <summary>A write was refused because a lease of it is lost, it does not say which: all of them are given up.</summary>
    public IReadOnlyList<SinkEntry> Doubt(IEnumerable<SinkWrite> writes)
    {
        var leases = writes.Select(write => write.Lease).OfType<SinkLease>().Where(lease => !lease.IsLost).Select(lease => lease.Id);
        var entries = leases.Distinct().ToList().SelectMany(Lose).ToList();
        IsInDoubt = Book.Count > 0;
        return entries;
    }

    public IReadOnlyList<SinkEntry> LoseAll()
    {
        Lost += Book.Count;
        IsInDoubt = false;
        return Book.LoseAll();
    }

    /// <summary>Renews at this time, unless it is due before.</summary>
    public void RenewSoon(TimeSpan at)
    {
        if (!_isRenewing && at < RenewAt)
        {
            RenewAt = at;
        }
    }

    /// <summary>For an owner that failed: nothing is under way any more.</summary>
    public void Recover(TimeSpan now) => (_grants, _isRenewing, RenewAt) = (0, false, now);

    private IReadOnlyList<SinkEntry> Lose(long id)
    {
        Lost++;
        return Book.Lose(id);
    }
}
