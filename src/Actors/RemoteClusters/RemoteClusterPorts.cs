using Akka.Actor;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>What every <see cref="RemoteClusterActor"/> works with, the same for all clusters.</summary>
/// <param name="Connector">Opens connections.</param>
/// <param name="Cache">The <see cref="Caching.MeshCacheActor"/>.</param>
/// <param name="Time">Timestamps; waits are the scheduler's.</param>
/// <param name="Options">Waits and limits.</param>
/// <param name="State">Where the state is stored; null if nowhere.</param>
/// <param name="Logger">The log of remote clusters.</param>
internal sealed record RemoteClusterPorts(
    ISourceConnector Connector, IActorRef Cache, TimeProvider Time, RemoteClusterOptions Options, MeshState? State, ILogger Logger);
