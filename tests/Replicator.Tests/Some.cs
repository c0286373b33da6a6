using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.Tests;

/// <summary>Valid values where a test does not care which.</summary>
internal static class Some
{
    /// <summary>The resources of a source without endpoint slices and service exports.</summary>
    public static readonly ResourceKind[] Resources = [ResourceKind.Identities, ResourceKind.Nodes, ResourceKind.Endpoints, ResourceKind.Services];

    /// <summary>The terms of a subscriber.</summary>
    public static Subscription Terms(int frameBytes, StreamFeatures features = default, SubscriberFilter? filter = null) =>
        new("node", "i-1", 1, frameBytes, 1 << 20, TimeSpan.FromSeconds(5), features, filter ?? SubscriberFilter.Everything);

    /// <summary>When a subscriber is brought up to date.</summary>
    public static CatchUpRules Rules(long conflateBeyond = long.MaxValue) =>
        new(new SnapshotAdmission(1000, TimeSpan.FromSeconds(1), TimeProvider.System), conflateBeyond);

    /// <summary>The cursor of a subscriber that knows nothing and speaks nothing but the basic protocol.</summary>
    public static SubscriberCursor Cursor(MeshCache cache, ClusterRoster roster, int frameBytes) =>
        new(cache, roster, Terms(frameBytes), new Dictionary<ClusterName, ResumeToken>(), Rules());

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
