using KvStoreMesh.Core.Cache;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>How a cluster will be brought up to date at a subscriber.</summary>
/// <param name="View">The cluster.</param>
/// <param name="Mode">By the log, by what differs, or anew.</param>
/// <param name="Point">Where the subscriber stands; null with a snapshot.</param>
internal readonly record struct OfferedCluster(MeshClusterView View, ResumeMode Mode, ResumePoint? Point);
