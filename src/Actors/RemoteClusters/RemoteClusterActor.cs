using Akka.Actor;
using KvStoreMesh.Actors.Caching;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>
/// The life of one remote cluster, and the only owner of its watch. Tells its parent a <see cref="RemoteClusterStatus"/>
/// whenever it changes.
/// </summary>
/// <remarks>
/// Decides nothing about data: <see cref="ReplicaSync"/> says what is needed next, this actor asks the source or the
/// cache for it. Every call to the source is a <em>step</em> with the number of its attempt. Whatever gives up what is under way (a
/// failure, a new definition, a removal, a reread of the config) takes the next number; results with an old one are dropped, and what they
/// hold is disposed by the <see cref="SourceSession"/>.
/// </remarks>
internal sealed partial class RemoteClusterActor : ReceiveActor, IWithTimers
{
    private const string StepTimer = "step";
    private const string StatusTimer = "status";
    private const string RetryTimer = "retry";
    private const string RecheckTimer = "recheck";
    private const string FreshnessTimer = "freshness";
    private const string OverlapTimer = "overlap";
    private const string AuditTimer = "audit";

    private readonly RemoteClusterHandover _handover;
    private readonly RemoteClusterPorts _ports;
    private readonly ReplicaSync _sync;
    private readonly SourceHealth _health;
    private readonly FreshnessRule _freshness;
    private SourceDefinition _definition;
    private RemoteClusterPhase _phase = RemoteClusterPhase.Connecting;
    private ISourceConnection? _connection;
    private DateTimeOffset? _nextAttempt;
    private long _attempt;

    public RemoteClusterActor(SourceDefinition definition, RemoteClusterHandover handover, RemoteClusterPorts ports)
    {
        (_definition, _handover, _ports) = (definition, handover, ports);
        (_health, _freshness) = (handover.Health, new(ports.Options.HeartbeatTimeout));
        _sync = new(new SourceReplica(definition.Cluster, handover.Random) 
        {
            // The own cluster is trusted with what it needs.
            Quota = definition.Role == SourceRole.Remote ? ports.Options.Quota : default,
        });
        Become(Closing);
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private RemoteClusterOptions Options => _ports.Options;

    private DateTimeOffset Now => _ports.Time.GetUtcNow();

    private SourceSession Session => _handover.Session!;

    public static Props Props(SourceDefinition definition, RemoteClusterHandover handover, RemoteClusterPorts ports) =>
        Akka.Actor.Props.Create(() => new RemoteClusterActor(definition, handover, ports));

    protected override void PreStart()
    {
        Adopt(_definition);
        Restore();
        // After a crash the parent has waited already.
        Close(_handover.Session is null ? ReconnectBackoff.FirstDelay(_definition.Cluster, Options.StartSpread) : TimeSpan.Zero);
    }

    protected override void PostStop()
    {
        // Nobody is left to await it; a next incarnation awaits the same task before it connects.
        _ = _handover.Session?.CloseAsync();
        _ports.Logger.ConnectionStopped(_definition.Cluster);
    }

    /// <summary>What every state with a session under way has in common.</summary>
    private void InSession()
    {
        DropLateResults();
        Receive<StepFailed>(step => Fail(SourceFailure.From(step.Error, step.Phase)));
        Receive<StepTimedOut>(step => Fail(SourceFailure.TimedOut(step.Phase, step.Limit, _definition.ConfigPath)));
        Receive<DeltaApplied>(answer => _sync.Acknowledge(answer.Delta), _ => Continue());
        Receive<CacheFailed>(answer => throw new RemoteClusterException(_definition.Cluster, answer.Error));
        Receive<CheckFreshness>(_ => _freshness.IsStale(Now), _ => Fail(new(SourcePhase.Watch, _freshness.Describe(Now))));
        Receive<CheckFreshness>(_ => { });
        Receive<ConfigureCluster>(command =>
        {
            Adopt(command.Definition);
            Close(TimeSpan.Zero);
        });
        Receive<DrainRemoteCluster>(_ => Drain());
        Receive<PublishStatus>(_ => Publish());
    }

    private void DropLateResults() => Receive<IStepResult>(step => step.Attempt != _attempt, _ => { });

    /// <summary>Does what the replica needs next.</summary>
    private void Continue()
    {
        switch (_sync.Next)
        {
            case SyncStep.Deliver:
                Deliver();
                break;
            case SyncStep.ReadConfig:
                ReadConfig();
                break;
            case SyncStep.List when _sync.IsAuditing:
                Run(SourcePhase.List, Options.ListPageTimeout, Session.ListAsync(_sync.NextPage!.Value));
                break;
            case SyncStep.List:
                ListNextPage(_sync.NextPage!.Value);
                break;
            case SyncStep.Probe:
                Run(SourcePhase.List, Options.ListPageTimeout, Session.ListAsync(_sync.NextPage!.Value));
                break;
            case SyncStep.Watch when Session.IsWatching:
                ReadWatch();
                break;
            case SyncStep.Watch:
                OpenWatch();
                break;
        }
    }

    private void Fail(SourceFailure failure)
    {
        if (failure.IsCompacted && _sync.IsAuditing)
        {
            _sync.AbortAudit();
            Continue();
            return;
        }

        if (failure.IsCompacted)
        {
            _sync.GiveUpResume(compacted: true);
        }

        if (_health.MayRelist(failure))
        {
            Relist(failure.Message);
            return;
        }

        var (delay, level) = _health.Failed(failure, Now);
        _ports.Logger.AttemptFailed(level, failure, _definition.Cluster, _definition.ConfigPath, delay);
        Close(delay);
    }

    /// <summary>The source has grown beyond its quota: the connection is given up, and after a while a list shows whether it has shrunk.</summary>
    private void Refuse(string excess)
    {
        var (delay, level) = _health.Refused(excess, Now);
        _ports.Logger.OverQuota(level, _definition.Cluster, excess, delay.TotalSeconds);
        Close(delay);
    }

    private void Adopt(SourceDefinition definition)
    {
        _definition = definition;
        _ports.Logger.Connecting(definition.Cluster, definition.ConfigPath);
    }

    /// <summary>Starts a step; its result, failure or time-out comes as a message with the number of this attempt.</summary>
    private void Run<T>(SourcePhase phase, TimeSpan? limit, Task<T> step)
    {
        var attempt = _attempt;
        if (limit is { } time)
        {
            Timers.StartSingleTimer(StepTimer, new StepTimedOut(attempt, phase, time), time);
        }

        step.PipeTo(
            Self,
            success: result => new StepDone<T>(attempt, result),
            failure: error => new StepFailed(attempt, phase, error));
    }

    private void OnDone<T>(Action<T> handler) => Receive<StepDone<T>>(step =>
    {
        Timers.Cancel(StepTimer);
        handler(step.Result);
    });

    private void Enter(RemoteClusterPhase phase, Action behaviour)
    {
        if (phase != _phase)
        {
            _phase = phase;
            Become(behaviour);
            Publish();
        }
    }

    private void PublishSoon()
    {
        if (!Timers.IsTimerActive(StatusTimer))
        {
            Timers.StartSingleTimer(StatusTimer, PublishStatus.Instance, Options.StatusInterval);
        }
    }

    private void Publish() => Context.Parent.Tell(Stored(RemoteClusterStatus.Of(
        _definition, _phase, _connection, _connection is not null && Session.IsWatching, _nextAttempt, _sync, _health)));
}
