using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <content>With a config: list or resume, then watch. All are pulls; the next one starts when the cache has taken the last.</content>
internal sealed partial class RemoteClusterActor
{
    private bool _auditDue;

    private void Replicating()
    {
        InSession();
        OnDone<SourcePage>(TakePage);
        OnDone<ISourceWatch>(_ => WatchOpened());
        OnDone<SourceBatch>(TakeBatch);
        Receive<OverlapTimedOut>(_ => OverlapMissed());
        Receive<AuditDue>(_ => _auditDue = true);
    }

    private void ListNextPage(ListRequest page)
    {
        Enter(RemoteClusterPhase.Listing, Replicating);
        Run(SourcePhase.List, Options.ListPageTimeout, Session.ListAsync(page));
    }

    private void TakePage(SourcePage page)
    {
        if (_sync.Next == SyncStep.Probe)
        {
            if (_sync.TakeProbe(page, _ports.Time.GetTimestamp()) is { } problem)
            {
                Relist(problem);
                return;
            }
        }
        else if (_sync.IsAuditing)
        {
            if (!TakeAuditPage(page))
            {
                return;
            }
        }
        else
        {
            _sync.TakePage(page, _ports.Time.GetTimestamp());
            if (_sync.Refused is { } excess)
            {
                Refuse(excess);
                return;
            }
        }

        if (_sync.Next == SyncStep.Deliver)
        {
            _health.Listed(Now);
        }

        PublishSoon();
        Continue();
    }

    private void OpenWatch() => Run(SourcePhase.Watch, Options.WatchTimeout, Session.OpenWatchAsync(_sync.WatchStarts));

    private void WatchOpened()
    {
        _sync.IsWatchOpened = true;
        Timers.StartPeriodicTimer(FreshnessTimer, CheckFreshness.Instance, Options.FreshnessCheckInterval);
        if (_sync.Replica.IsProving)
        {
            Enter(RemoteClusterPhase.Resuming, Replicating);
            Timers.StartSingleTimer(OverlapTimer, new OverlapTimedOut(_attempt), Options.OverlapTimeout);
        }

        Continue();
    }

    private void ReadWatch()
    {
        if (_phase != RemoteClusterPhase.Watching && !_sync.Replica.IsProving)
        {
            _health.Live(Now);
            _ports.Logger.Live(_definition.Cluster, _sync.Replica.Position?.Revision ?? 0, _sync.Replica.IsFullySynced);
            Enter(RemoteClusterPhase.Watching, Replicating);
            ScheduleAudit();
        }

        _freshness.Waiting(Now);
        Run(SourcePhase.Watch, limit: null, Session.ReadWatchAsync());
    }

    private void TakeBatch(SourceBatch batch)
    {
        var known = _sync.ConfigProblem;
        _freshness.Answered(Now, _sync.TakeBatch(batch));
        if (_sync.Doubt is { } doubt)
        {
            Relist(doubt);
            return;
        }

        if (_sync.Refused is { } excess)
        {
            Refuse(excess);
            return;
        }

        if (!_sync.Replica.IsProving)
        {
            _health.Proved(Now);
        }

        if (_sync.ConfigProblem is { } problem && problem != known)
        {
            _ports.Logger.ConfigMissing(LogLevel.Warning, _definition.Cluster, problem);
        }

        if (_auditDue)
        {
            // After a batch, as the position is fresh then and no read of the watch is under way.
            _auditDue = false;
            _sync.BeginAudit();
            ScheduleAudit();
        }

        PublishSoon();
        Continue();
    }

    /// <summary>False: what is held has drifted, and is being listed.</summary>
    private bool TakeAuditPage(SourcePage page)
    {
        _sync.TakePage(page, _ports.Time.GetTimestamp());
        if (_sync.IsAuditing)
        {
            return true;
        }

        _health.Audited(_sync.Drift, Now);
        if (_sync.Drift.Count == 0)
        {
            return true;
        }

        _ports.Logger.Drifted(_definition.Cluster, _sync.Drift.Count, string.Join(", ", _sync.Drift.Take(Options.MaxLoggedKeys)));
        Relist($"{_sync.Drift.Count} keys are not as the source has them");
        return false;
    }

    private void ScheduleAudit()
    {
        if (Options.AuditInterval > TimeSpan.Zero && !Timers.IsTimerActive(AuditTimer))
        {
            Timers.StartSingleTimer(AuditTimer, AuditDue.Instance, AuditSchedule.Next(Options, _sync.Replica.Bytes, _handover.Random));
        }
    }

    /// <summary>A range that is silent: what it had to show first is gone, and nothing has happened there since.</summary>
    private void OverlapMissed()
    {
        if (!_sync.Replica.IsProving)
        {
            return;
        }

        if (_sync.Next == SyncStep.Deliver)
        {
            // The cache first; no relist while it holds a group.
            Timers.StartSingleTimer(OverlapTimer, new OverlapTimedOut(_attempt), Options.OverlapTimeout);
            return;
        }

        _sync.GiveUpResume(compacted: false);
        Relist($"the watch has not shown the last known change within {Options.OverlapTimeout.TotalSeconds:0.#} s");
    }

    private void Relist(string problem)
    {
        _ports.Logger.Relisting(_definition.Cluster, problem);
        ReadConfig();
    }
}
