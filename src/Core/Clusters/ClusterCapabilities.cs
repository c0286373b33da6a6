namespace KvStoreMesh.Core.Clusters;

/// <summary>The <c>capabilities</c> object of a cluster config.</summary>
/// <param name="SyncedCanaries">A canary tells when a resource is complete: list it only then.</param>
/// <param name="Cached">The data lives under <c>cilium/cache/</c>: the source is itself a mirror.</param>
/// <param name="MaxConnectedClusters">255 or 511; 0 if absent, which means 255.</param>
/// <param name="ServiceExportsEnabled">MCS-API; null if the source does not know it.</param>
/// <param name="EndpointSlicesExportMode">One of <see cref="Clusters.EndpointSlicesExportMode"/>, or a mode of a later Cilium.</param>
public sealed record ClusterCapabilities(
    bool SyncedCanaries, bool Cached, uint MaxConnectedClusters, bool? ServiceExportsEnabled, string EndpointSlicesExportMode);
