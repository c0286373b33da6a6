using Akka.Actor;
using Akka.Pattern;
using Akka.Persistence;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>
/// Keeps the clusters' lives in the journal: compares what it has with what is, and persists the difference. One for the whole mesh, as a
/// start then reads one short history instead of one for each cluster.
/// </summary>
/// <remarks>
/// A journal that fails stops this actor (Akka's rule), and its supervisor starts it again with a growing delay; nothing is lost, since
/// <see cref="LifecycleFacts"/> still holds what is. Nobody waits for it.
/// </remarks>
internal sealed class LifecycleJournalActor : ReceivePersistentActor
{
    private const int EventsPerSnapshot = 500;

    private static readonly TimeSpan MinDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(2);

    private readonly MeshState _mesh;
    private readonly IActorRef _clusters;
    private readonly Action _signal;
    private LifecycleState _state = LifecycleState.Empty;
    private bool _persisting;
    private int _signalled;

    public LifecycleJournalActor(MeshState mesh, IActorRef clusters)
    {
        (_mesh, _clusters) = (mesh, clusters);
        var self = Self;
        _signal = () =>
        {
            if (Interlocked.Exchange(ref _signalled, 1) == 0)
            {
                self.Tell(Look.Instance);
            }
        };
        Recover<LifecycleEvent>(happened => _state = _state.Apply(happened));
        Recover<SnapshotOffer>(offer => _state = (LifecycleState)offer.Snapshot);
        Recover<RecoveryCompleted>(_ => OnRecovered());
        Command<Look>(_ => OnLook());
        Command<SaveSnapshotSuccess>(saved =>
        {
            DeleteMessages(saved.Metadata.SequenceNr);
            DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
        });
        Command<SaveSnapshotFailure>(failed => _mesh.Logger.JournalFailed(failed.Cause, _mesh.Connector.Location, TimeSpan.Zero));
        CommandAny(_ => { });
    }

    /// <summary>In every row of the journal: never to be changed.</summary>
    public override string PersistenceId => "kvstoremesh-clusters";

    public static Props Supervised(MeshState mesh, IActorRef clusters) => BackoffSupervisor.Props(
        Backoff.OnStop(Akka.Actor.Props.Create(() => new LifecycleJournalActor(mesh, clusters)), "lives", MinDelay, MaxDelay, 0.2, -1));

    protected override void PreStart()
    {
        _mesh.Facts.Changed += _signal;
        base.PreStart();
    }

    protected override void PostStop()
    {
        _mesh.Facts.Changed -= _signal;
        base.PostStop();
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        _mesh.Logger.JournalFailed(cause, _mesh.Connector.Location, MinDelay);

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        _mesh.Logger.JournalFailed(reason, _mesh.Connector.Location, MinDelay);

    private void OnRecovered()
    {
        _mesh.Lives = _state;
        _clusters.Tell(new KnownClusters([.. _state.Clusters.Keys]));
        _signal();
    }

    private void OnLook()
    {
        Volatile.Write(ref _signalled, 0);
        if (_persisting)
        {
            return;
        }

        var facts = _mesh.Facts.All;
        var now = _mesh.Time.GetUtcNow();
        List<LifecycleEvent> missing = [.. facts.SelectMany(fact => _state.Missing(fact.Cluster, fact.Life, now))];
        foreach (var (cluster, life) in facts)
        {
            if (life is null && !_state.Clusters.ContainsKey(cluster))
            {
                _mesh.Facts.Kept(cluster);
            }
        }

        if (missing.Count == 0)
        {
            return;
        }

        _persisting = true;
        PersistAllAsync(missing, happened => _state = _state.Apply(happened));
        DeferAsync(Look.Instance, _ => OnPersisted());
    }

    private void OnPersisted()
    {
        _persisting = false;
        _mesh.Lives = _state;
        if (LastSequenceNr - SnapshotSequenceNr >= EventsPerSnapshot)
        {
            SaveSnapshot(_state);
        }

        OnLook();
    }

    private sealed class Look
    {
        public static readonly Look Instance = new();
    }
}
