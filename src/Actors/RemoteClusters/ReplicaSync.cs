using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>
/// Drives a <see cref="SourceReplica"/>: given what arrived, says what is needed next. Pure; owned by one actor at a time.
/// </summary>
/// <remarks>
/// What the replica has taken in, the cache must be told: a relist would not repeat it. So a delta is kept as
/// <see cref="Pending"/> from the call that made it until the cache has acknowledged it, across the loss of a
/// connection, and nothing else is taken in meanwhile.
/// </remarks>
/// <param name="replica">What is known of the source.</param>
internal sealed class ReplicaSync(SourceReplica replica)
{
    private readonly List<string> _canaries = [];
    private ListPlan? _plan;
    private bool _configKnown;

    // How to go on with the next config: the cheapest way that has not failed. A list makes the first one possible again.
    private SyncMode _mode = SyncMode.Overlap;
    private IReadOnlyList<WatchStart>? _starts;

    /// <summary>What is known of the source.</summary>
    public SourceReplica Replica => replica;

    /// <summary>Made, and not yet acknowledged by the cache.</summary>
    public ClusterDelta? Pending { get; private set; }

    /// <summary>Why the last batch was not believed; null if it was.</summary>
    public string? Doubt { get; private set; }

    /// <summary>Why the last page or batch was refused, as it is more than the quota allows; null if it was not.</summary>
    public string? Refused { get; private set; }

    /// <summary>What is wrong with the config at the source; null if nothing is.</summary>
    public string? ConfigProblem { get; private set; }

    /// <summary>What is to be done next.</summary>
    public SyncStep Next => this switch
    {
        { Pending: not null } => SyncStep.Deliver,
        { _configKnown: false } => SyncStep.ReadConfig,
        { _plan: not null } => SyncStep.List,
        { IsWatchOpened: true, Replica.Probe: not null } => SyncStep.Probe,
        _ => SyncStep.Watch,
    };

    /// <summary>The page to ask for while <see cref="Next"/> is <see cref="SyncStep.List"/> or <see cref="SyncStep.Probe"/>.</summary>
    public ListRequest? NextPage => _plan is { } plan ? plan.Next
        : replica.Probe is { } probe ? new(null, SourceRange.Exactly(probe.Key), null, probe.Revision)
        : null;

    /// <summary>What to watch, and from where; only with a config.</summary>
    public IReadOnlyList<WatchStart> WatchStarts =>
        _starts ?? [.. replica.Layout!.WatchRanges.Select(range => new WatchStart(range, ReadAt + 1))];

    /// <summary>A comparison with the source is under way: its pages change nothing.</summary>
    public bool IsAuditing { get; private set; }

    /// <summary>What the last comparison found to differ.</summary>
    public IReadOnlyList<MeshKey> Drift { get; private set; } = [];

    /// <summary>The watch is open, so that a probe means something.</summary>
    public bool IsWatchOpened { get; set; }

    /// <summary>The revision of the last read of the config, and of the lists that follow from it: the watch starts after it.</summary>
    public long ReadAt { get; private set; }

    private string ConfigKey => CiliumKeys.ClusterConfig(replica.Cluster);

    /// <summary>Starts anew, on this connection or the next one. An unfinished list is void; a pending delta is not.</summary>
    public void Restart() => (_plan, _configKnown, _starts, IsWatchOpened, IsAuditing) = (null, false, null, false, false);

    /// <summary>Compares everything with the source before the watch is read further; without effect if something else is to be done.</summary>
    public void BeginAudit()
    {
        if (Next == SyncStep.Watch && IsWatchOpened && replica.BeginAudit() is { } resources)
        {
            (IsAuditing, _plan) = (true, ListPlan.Resources(resources, replica.Layout!));
        }
    }

    /// <summary>The source cannot be listed as of then any more.</summary>
    public void AbortAudit() => (IsAuditing, _plan) = (false, null);

    /// <summary>
    /// The way on that was tried last leads nowhere: the next config is followed by the next one, in the end by a list. What was
    /// compacted can still be probed; what is doubtful, or was lost while everything seemed proved, has to be listed.
    /// </summary>
    public void GiveUpResume(bool compacted)
    {
        _mode = compacted && replica.IsProving && _mode == SyncMode.Overlap ? SyncMode.Probe : SyncMode.List;
        _configKnown = false;
    }

    /// <summary>Takes the config as read. False: it is missing or invalid, and what was known stays in force.</summary>
    public bool TakeConfig(ulong etcdClusterId, SourceRead read, long readTimestamp)
    {
        Restart();
        (ReadAt, Refused) = (read.Revision, null);
        if (read.Entry is not { } entry)
        {
            ConfigProblem = $"'{ConfigKey}' is missing; check that the cluster's name is correct and that its exporter runs";
            return false;
        }

        if (!CiliumClusterConfig.TryParse(entry.Value, out var config, out var error))
        {
            ConfigProblem = $"'{ConfigKey}' is invalid: {error}";
            return false;
        }

        (ConfigProblem, _configKnown) = (null, true);
        _starts = _mode switch
        {
            SyncMode.Overlap => replica.BeginResume(etcdClusterId, read.Revision, entry),
            SyncMode.Probe => replica.BeginProbe(etcdClusterId, read.Revision, entry),
            _ => null,
        };
        if (_starts is not null)
        {
            return true;
        }

        _mode = SyncMode.Overlap;
        replica.BeginResync(etcdClusterId, read.Revision, config, entry);
        if (config.Capabilities.SyncedCanaries)
        {
            _canaries.Clear();
            _plan = ListPlan.Canaries(SourceRange.Prefix(CiliumKeys.Canaries(replica.Cluster)), read.Revision);
        }
        else
        {
            BeginList(replica.SeeCanaries([]), read.Revision, readTimestamp);
        }

        return true;
    }

    /// <summary>Begins with what was stored, before anything else.</summary>
    /// <exception cref="InvalidDataException">It is damaged; nothing has been taken.</exception>
    public void Restore(SourceCheckpoint checkpoint, IEnumerable<MeshChange> entries, long readTimestamp) =>
        Pending = replica.Restore(checkpoint, entries, readTimestamp);

    /// <summary>Takes the page that was asked for.</summary>
    public void TakePage(SourcePage page, long readTimestamp)
    {
        var (kind, _, _, revision) = NextPage!.Value;
        if (IsAuditing)
        {
            replica.Audit(kind!.Value, page);
            _plan!.Advance(page);
            EndAuditIfComplete();
            return;
        }

        if (kind is { } resource)
        {
            if (!replica.AddPage(resource, page))
            {
                Refuse();
                return;
            }

            _plan!.Advance(page);
            EndListIfComplete(readTimestamp);
            return;
        }

        _canaries.AddRange(page.Entries.Select(entry => entry.Key));
        _plan!.Advance(page);
        if (_plan.Next is null)
        {
            BeginList(replica.SeeCanaries(_canaries), revision, readTimestamp);
        }
    }

    /// <summary>Takes the answer to a probe. Not null: it has failed, and why.</summary>
    public string? TakeProbe(SourcePage page, long readTimestamp)
    {
        if (replica.TakeProbe(page, readTimestamp, out var proof))
        {
            (Pending, _mode) = (proof ?? Pending, SyncMode.Overlap);
            return null;
        }

        GiveUpResume(compacted: false);
        return "a key that was known is not in the source's past";
    }

    /// <summary>Takes what the watch delivered. True if the exporter's heartbeat was in it.</summary>
    public bool TakeBatch(SourceBatch batch)
    {
        var step = replica.Apply(batch);
        Doubt = step.Doubt;
        if (Doubt is not null)
        {
            GiveUpResume(compacted: false);
            return false;
        }

        if (step.IsRefused)
        {
            Refuse();
            return false;
        }

        Pending = step.Delta;
        ConfigProblem = step.Config switch
        {
            ConfigChange.Disappeared => $"'{ConfigKey}' was deleted at the source; the last known config stays in force: check the cluster's exporter",
            ConfigChange.Invalid => $"'{ConfigKey}' no longer parses; the last known config stays in force: check what writes it",
            ConfigChange.None => ConfigProblem,
            _ => null,
        };
        _configKnown = step.Config != ConfigChange.Changed;
        if (_configKnown && step.ReadyToList.Count > 0)
        {
            replica.BeginList(step.ReadyToList, step.ListRevision);
            _plan = ListPlan.Resources(step.ReadyToList, replica.Layout!, step.ListRevision);
        }

        return step.Heartbeat;
    }

    /// <summary>The cache has applied a delta; false if it is not the one that is waited for.</summary>
    public bool Acknowledge(ClusterDelta delta)
    {
        var expected = ReferenceEquals(delta, Pending);
        Pending = expected ? null : Pending;
        return expected;
    }

    private void BeginList(IReadOnlyList<ResourceKind> kinds, long revision, long readTimestamp)
    {
        replica.BeginList(kinds, revision);
        _plan = ListPlan.Resources(kinds, replica.Layout!, revision);
        // Without a canary yet there is nothing to list, but the config still has to reach the cache.
        EndListIfComplete(readTimestamp);
    }

    // Only a list tells whether the source has shrunk.
    private void Refuse()
    {
        (Refused, _plan) = (replica.Excess, null);
        GiveUpResume(compacted: false);
    }

    private void EndAuditIfComplete()
    {
        if (_plan!.Next is not null)
        {
            return;
        }

        AbortAudit();
        Drift = replica.EndAudit();
        if (Drift.Count > 0)
        {
            GiveUpResume(compacted: false);
        }
    }

    private void EndListIfComplete(long readTimestamp)
    {
        if (_plan!.Next is null)
        {
            Pending = replica.EndList(readTimestamp);
            _plan = null;
        }
    }
}
