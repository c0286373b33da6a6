using Akka.Actor;
using KvStoreMesh.Actors.Caching;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Sinks;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Mesh;

/// <summary>Everything this project needs from outside, and the one way to start it.</summary>
public sealed record MeshActors
{
    /// <summary>Opens connections to sources. Called by many actors at once.</summary>
    public required ISourceConnector Connector { get; init; }

    /// <summary>Where everything goes; from the start on, only the actors write to it.</summary>
    public required MeshCache Cache { get; init; }

    /// <summary>Where every source's status stands.</summary>
    public required MeshStatusBoard Board { get; init; }

    /// <summary>Timestamps. Waits are the actor system's scheduler's.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Jitter and epochs; used on one thread only, each cluster gets a generator seeded by it.</summary>
    public required Random Random { get; init; }

    /// <summary>The log.</summary>
    public required ILoggerFactory LoggerFactory { get; init; }

    /// <summary>The mirror in a local etcd; null if there is none. Started with the rest.</summary>
    public EtcdSink? Sink { get; init; }

    /// <summary>What outlives a restart; null if nothing does. Started with the rest.</summary>
    public MeshState? State { get; init; }

    /// <summary>Waits and limits.</summary>
    public RemoteClusterOptions Options { get; init; } = new();

    /// <summary>
    /// Starts the actors, once per system. The answer takes <see cref="ConfigureCluster"/> and <see cref="RemoveCluster"/>. Terminating the
    /// system closes every connection and withdraws nothing.
    /// </summary>
    public IActorRef Start(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        Sink?.Start(system);
        var cache = system.ActorOf(MeshCacheActor.Props(Cache, Sink, State, LoggerFactory.CreateLogger<MeshCacheActor>()), "mesh-cache");
        var ports = new RemoteClusterPorts(Connector, cache, Time, Options, State, LoggerFactory.CreateLogger<RemoteClusterActor>());
        var mesh = system.ActorOf(
            ClusterMeshActor.Props(new MeshMembership(NewMember), Board, Sink, ports, LoggerFactory.CreateLogger<ClusterMeshActor>()),
            "clustermesh");
        State?.Start(system, mesh, cache);
        return mesh;
    }

    private MeshMember NewMember(SourceDefinition definition)
    {
        var random = new Random(Random.Next());
        return new(
            definition,
            new RemoteClusterHandover(Options, random),
            new ReconnectBackoff(Options.CrashBackoffMin, Options.CrashBackoffMax, Options.CrashBackoffMax, random));
    }
}
