using Akka.Actor;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Sinks;

/// <summary>
/// The mirror of all remote clusters in the local etcd: what feeds it, how it stands, and the one way to start it.
/// </summary>
/// <remarks>
/// Whoever applies a group to the cache tells it here afterwards: <see cref="Applied"/>, <see cref="Removed"/>. Whoever
/// knows the sources tells <see cref="Configured"/> and <see cref="StatusChanged"/>. All four return at once and may be
/// called from any thread, before and after <see cref="Start"/>.
/// </remarks>
public sealed class EtcdSink
{
    private readonly ILoggerFactory _loggerFactory;
    private volatile EtcdSinkStatus _status = EtcdSinkStatus.None;

    /// <summary>Creates the sink.</summary>
    /// <param name="localCluster">The local cluster, whose own state is never mirrored.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="connector">Reaches the local etcd.</param>
    /// <param name="time">The clock of every wait and timestamp.</param>
    /// <param name="random">Jitter; used by the actor only.</param>
    /// <param name="loggerFactory">The log.</param>
    public EtcdSink(
        ClusterName localCluster,
        SinkOptions options,
        ILocalStoreConnector connector,
        TimeProvider time,
        Random random,
        ILoggerFactory loggerFactory)
    {
        (Time, _loggerFactory) = (time, loggerFactory);
        Feed = new SinkFeed(localCluster);
        Mirror = new SinkMirror(options, connector, time, random);
    }

    /// <summary>How it stands, about once a second.</summary>
    public EtcdSinkStatus Status
    {
        get => _status;
        internal set => _status = value;
    }

    internal SinkFeed Feed { get; }

    /// <summary>Outlives the actor: what should be there must not be lost with it. Touched by the actor only.</summary>
    internal SinkMirror Mirror { get; }

    internal TimeProvider Time { get; }

    /// <summary>A remote cluster is (re)configured; the local one is ignored.</summary>
    public void Configured(SourceDefinition definition)
    {
        if (definition.Role == SourceRole.Remote)
        {
            Feed.Configure(definition.Cluster);
        }
    }

    /// <summary>A group is in the cache.</summary>
    public void Applied(ClusterDelta delta) => Feed.Apply(delta);

    /// <summary>The operator removed the cluster, and the cache does not hold it any more.</summary>
    public void Removed(ClusterName cluster) => Feed.Remove(cluster);

    /// <summary>A source's connection has changed its state.</summary>
    public void StatusChanged(RemoteClusterStatus status)
    {
        if (status.Definition.Role == SourceRole.Remote && status.Phase != RemoteClusterPhase.Draining)
        {
            Feed.Reached(status.Definition.Cluster, Reach(status));
        }
    }

    /// <summary>Starts the actor, once per system. Terminating the system deletes nothing: the keys live as long as their leases.</summary>
    public IActorRef Start(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.ActorOf(EtcdSinkActor.Props(this, _loggerFactory.CreateLogger<EtcdSinkActor>()), "etcd-sink");
    }

    private static SourceReach Reach(RemoteClusterStatus status) => status.Phase switch
    {
        // It can be reached, and stands still on purpose: what is held stays.
        not RemoteClusterPhase.Watching when status.LastErrorPhase == SourcePhase.Quota => SourceReach.Connected,
        RemoteClusterPhase.Listing or RemoteClusterPhase.Resuming => SourceReach.Connected,
        RemoteClusterPhase.Watching => SourceReach.Live,
        _ => SourceReach.Lost,
    };
}
