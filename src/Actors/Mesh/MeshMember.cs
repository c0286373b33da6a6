using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Mesh;

/// <summary>A cluster that is configured, or that still drains. Owned by the <see cref="ClusterMeshActor"/>.</summary>
internal sealed class MeshMember(SourceDefinition definition, RemoteClusterHandover handover, ReconnectBackoff restarts)
{
    /// <summary>What its actor works with; the last one before the removal, while it drains.</summary>
    public SourceDefinition Definition { get; set; } = definition;

    /// <summary>What its actor leaves to the next one.</summary>
    public RemoteClusterHandover Handover => handover;

    /// <summary>The delays before an actor that crashed is started again.</summary>
    public ReconnectBackoff Restarts => restarts;

    /// <summary>Removed; the name is taken until its actor has ended.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Configured again while it drains: what follows. The latest wins.</summary>
    public SourceDefinition? Delayed { get; set; }

    /// <summary>Its actor said that it has drained.</summary>
    public bool IsDrained { get; set; }

    /// <summary>Its actor has not ended.</summary>
    public bool IsRunning { get; set; }

    /// <summary>Why its actor ended last; null if it never crashed.</summary>
    public string? Crash { get; set; }
}
