using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <content>With a config: list or resume, then watch. All are pulls; the next one starts when the cache has taken the last.</content>
internal sealed partial class RemoteClusterActor
{
    private void Replicating()
    {
        InSession();
        OnDone<SourcePage>(TakePage);
        OnDone<ISourceWatch>(_ => WatchOpened());
        OnDone<SourceBatch>(TakeBatch);
        Receive<OverlapTimedOut>(_ => OverlapMissed());
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
        else
        {
            _sync.TakePage(page, _ports.Time.GetTimestamp());
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

        if (!_sync.Replica.IsProving)
        {
            _health.Proved(Now);
        }

        if (_sync.ConfigProblem is { } problem && problem != known)
        {
            _ports.Logger.ConfigMissing(LogLevel.Warning, _definition.Cluster, problem);
        }

        PublishSoon();
        Continue();
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
