using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <content>From nothing to a config: connect, read it, and wait for it if it is not there.</content>
internal sealed partial class RemoteClusterActor
{
    private TimeSpan _recheckDelay;

    private void Connect()
    {
        _nextAttempt = null;
        _handover.Session = new SourceSession(_ports.Connector, _definition);
        Enter(RemoteClusterPhase.Connecting, Connecting);
        Run(SourcePhase.Tcp, Options.ConnectTimeout, Session.ConnectAsync());
    }

    private void Connecting()
    {
        InSession();
        OnDone<ISourceConnection>(connection =>
        {
            _connection = connection;
            _ports.Logger.ConnectionEstablished(_definition.Cluster, connection.Endpoint, connection.EtcdClusterId);
            ReadConfig();
        });
    }

    /// <summary>
    /// Reads the config on the open connection; a watch is closed first, since it may follow other ranges than the next one.
    /// </summary>
    private void ReadConfig()
    {
        _attempt++;
        _sync.Restart();
        _freshness.Reset();
        Timers.Cancel(RecheckTimer);
        Timers.Cancel(FreshnessTimer);
        Timers.Cancel(OverlapTimer);
        Become(ReadingConfig);
        Run(SourcePhase.Watch, Options.WatchTimeout, Session.CloseWatchAsync());
    }

    private void ReadingConfig()
    {
        InSession();
        OnDone<WatchClosed>(_ => Run(
            SourcePhase.ClusterConfig, Options.ReadTimeout, Session.ReadAsync(CiliumKeys.ClusterConfig(_definition.Cluster))));
        OnDone<SourceRead>(read =>
        {
            if (_sync.TakeConfig(_connection!.EtcdClusterId, read, _ports.Time.GetTimestamp()))
            {
                _health.ConfigFound();
                _ports.Logger.ConfigFound(_definition.Cluster, _sync.Replica.Config!, read.Revision);
                _phase = _sync.Replica.IsProving ? RemoteClusterPhase.Resuming : RemoteClusterPhase.Listing;
                Become(Replicating);
                Publish();
                Continue();
            }
            else
            {
                AwaitConfig();
            }
        });
    }

    private void AwaitConfig()
    {
        var (delay, level) = _health.ConfigMissing(_sync.ConfigProblem!, Now);
        _ports.Logger.ConfigMissing(level, _definition.Cluster, _sync.ConfigProblem!);
        _phase = RemoteClusterPhase.AwaitingConfig;
        Become(AwaitingConfig);
        _recheckDelay = delay;
        Run(
            SourcePhase.Watch,
            Options.WatchTimeout,
            Session.OpenWatchAsync([new(SourceRange.Exactly(CiliumKeys.ClusterConfig(_definition.Cluster)), _sync.ReadAt + 1)]));
        Publish();
    }

    private void AwaitingConfig()
    {
        InSession();
        // The watch tells at once; the reread is for a watch that hangs, and proves that the connection is alive.
        Receive<RecheckConfig>(_ => ReadConfig());
        OnDone<ISourceWatch>(_ =>
        {
            // Not before: a watch that is still being opened could not be closed for the reread.
            Timers.StartSingleTimer(RecheckTimer, new RecheckConfig(_attempt), _recheckDelay);
            Run(SourcePhase.Watch, limit: null, Session.ReadWatchAsync());
        });
        OnDone<SourceBatch>(batch =>
        {
            if (batch.Events.Count > 0)
            {
                ReadConfig();
            }
            else
            {
                Run(SourcePhase.Watch, limit: null, Session.ReadWatchAsync());
            }
        });
    }
}
