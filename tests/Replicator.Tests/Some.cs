using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Replicator.Tests;

/// <summary>Valid values where a test does not care which.</summary>
internal static class Some
{
    /// <summary>The resources of a source without endpoint slices and service exports.</summary>
    public static readonly ResourceKind[] Resources = [ResourceKind.Identities, ResourceKind.Nodes, ResourceKind.Endpoints, ResourceKind.Services];

    /// <summary>A source of which everything or nothing is known.</summary>
    public static RemoteClusterStatus Status(string name, RemoteClusterPhase phase, bool known = true, SourceRole role = SourceRole.Remote) => new()
    {
        Definition = new SourceDefinition(ClusterName.Parse(name), role, $"/etc/mesh/{name}", "endpoints: []"),
        Phase = phase,
        EtcdClusterId = phase == RemoteClusterPhase.Watching ? 0xc9b0fbb01a4c8b2d : null,
        Config = known ? new CiliumClusterConfig(3, new ClusterCapabilities(true, false, 255, null, "")) : null,
        Position = known ? new SourcePosition(new SourceEpoch(1), 5) : null,
        Counts = new Dictionary<ResourceKind, int>(),
        Resources = known ? Resources : [],
        Synced = known ? Resources : [],
    };
}
