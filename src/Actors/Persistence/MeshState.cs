using Akka.Actor;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>
/// What outlives a restart: what feeds it, how it stands, and the one way to start it. Nobody ever waits for it but the start of the
/// clusters, and that not for long.
/// </summary>
/// <remarks>
/// All methods but <see cref="Start"/> return at once and may be called from any thread. What is told of one cluster comes from one thread
/// at a time, that of the cache's writer.
/// </remarks>
public sealed class MeshState
{
    private volatile StateStatus _status;
    private volatile LifecycleState _lives = LifecycleState.Empty;
    private int _restoredClusters;
    private long _restoredKeys;

    /// <summary>Creates it; nothing is opened yet.</summary>
    /// <param name="connector">Opens the store.</param>
    /// <param name="options">Waits and limits.</param>
    /// <param name="time">The clock of timestamps and waits.</param>
    /// <param name="loggerFactory">The log.</param>
    public MeshState(IEntryStoreConnector connector, StateOptions options, TimeProvider time, ILoggerFactory loggerFactory)
    {
        (Connector, Options, Time) = (connector, options, time);
        Logger = loggerFactory.CreateLogger<MeshState>();
        Feed = new StateFeed(options);
        _status = new StateStatus(connector.Location, StatePhase.Opening);
    }

    /// <summary>How it stands, about once a second.</summary>
    public StateStatus Status
    {
        get => _status;
        internal set => _status = value;
    }

    internal IEntryStoreConnector Connector { get; }

    internal StateOptions Options { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal StateFeed Feed { get; }

    /// <summary>The lives of the clusters, for the journal. Outlives its actor.</summary>
    internal LifecycleFacts Facts { get; } = new();

    /// <summary>The clusters have not started yet, since they wait for what is stored. Written by the mesh's actor.</summary>
    internal bool IsAwaited { get; set; } = true;

    /// <summary>How many clusters, and keys of them, have begun with what was stored.</summary>
    internal (int Clusters, long Keys) RestoredSoFar => (Volatile.Read(ref _restoredClusters), Interlocked.Read(ref _restoredKeys));

    /// <summary>The lives of the clusters as far as the journal has them. Written by its actor.</summary>
    internal LifecycleState Lives
    {
        get => _lives;
        set => _lives = value;
    }

    internal void Restored(StoredCluster stored, SourceCheckpoint checkpoint)
    {
        Feed.Restored(stored.Cluster, checkpoint, stored.Checkpoint);
        Interlocked.Increment(ref _restoredClusters);
        Interlocked.Add(ref _restoredKeys, stored.Entries.Count);
    }

    internal void Applied(ClusterDelta delta, SourceCheckpoint? checkpoint, bool startsAnew)
    {
        var now = Time.GetUtcNow();
        Feed.Applied(delta, checkpoint, startsAnew, now);
        Facts.Applied(delta, checkpoint, now);
    }

    internal void Proved(ClusterName cluster, DateTimeOffset at) => Feed.Proved(cluster, at);

    internal void Draining(ClusterName cluster) => Facts.Draining(cluster, Time.GetUtcNow());

    internal void Removed(ClusterName cluster)
    {
        Feed.Removed(cluster);
        Facts.Removed(cluster);
    }

    internal void Refill(ClusterName cluster, IReadOnlyList<MeshChange> entries) => Feed.Refill(cluster, entries);

    /// <summary>Starts the actors, once per system.</summary>
    /// <param name="system">The system.</param>
    /// <param name="mesh">Told <see cref="StateRestored"/> once, and <see cref="KnownClusters"/>.</param>
    /// <param name="cache">Told <see cref="RefillState"/>.</param>
    internal IActorRef Start(ActorSystem system, IActorRef mesh, IActorRef cache)
    {
        var store = system.ActorOf(StateStoreActor.Props(this, mesh, cache), "mesh-state");

        // A clean stop leaves nothing unwritten, if the store answers in time.
        CoordinatedShutdown.Get(system).AddTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind, "store-state", () => store.Ask<Akka.Done>(StateStoreActor.Flush.Instance, Options.FlushTimeout));
        return store;
    }
}
