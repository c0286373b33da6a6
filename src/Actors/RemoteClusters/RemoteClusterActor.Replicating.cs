using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <content>With a config: list, then watch. Both are pulls; the next one starts when the cache has taken the last.</content>
internal sealed partial class RemoteClusterActor
{
    private void ListNextPage(ListRequest page)
    {
        Enter(RemoteClusterPhase.Listing, Listing);
        Run(SourcePhase.List, Options.ListPageTimeout, Session.ListAsync(page));
    }

    private void Listing()
    {
        InSession();
        OnDone<SourcePage>(page =>
        {
            _sync.TakePage(page, _ports.Time.GetTimestamp());
            if (_sync.Next == SyncStep.Deliver)
            {
                _health.Listed(Now);
            }

            PublishSoon();
            Continue();
        });
        OnDone<ISourceWatch>(_ =>
        {
            Timers.StartPeriodicTimer(FreshnessTimer, CheckFreshness.Instance, Options.FreshnessCheckInterval);
            Continue();
        });
    }

    /// <summary>From the revision after the list: with no gap, and with nothing twice.</summary>
    private void OpenWatch() => Run(
        SourcePhase.Watch, Options.WatchTimeout, Session.OpenWatchAsync(_sync.Replica.Layout!.WatchRanges, _sync.ReadAt + 1));

    private void ReadWatch()
    {
        if (_phase != RemoteClusterPhase.Watching)
        {
            _health.Live(Now);
            _ports.Logger.Live(_definition.Cluster, _sync.Replica.Position?.Revision ?? 0, _sync.Replica.IsFullySynced);
            Enter(RemoteClusterPhase.Watching, Watching);
        }

        _freshness.Waiting(Now);
        Run(SourcePhase.Watch, limit: null, Session.ReadWatchAsync());
    }

    private void Watching()
    {
        InSession();
        OnDone<SourceBatch>(batch =>
        {
            _health.Proved(Now);
            var known = _sync.ConfigProblem;
            _freshness.Answered(Now, _sync.TakeBatch(batch));
            if (_sync.ConfigProblem is { } problem && problem != known)
            {
                _ports.Logger.ConfigMissing(LogLevel.Warning, _definition.Cluster, problem);
            }

            PublishSoon();
            Continue();
        });
    }
}
