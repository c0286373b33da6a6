namespace KvStoreMesh.MeshBench.Mock;

/// <summary>Where a mock cluster keeps its keys.</summary>
public enum MockLayout
{
    /// <summary>As a mirror: <c>cilium/cache/…/&lt;cluster&gt;/…</c>, any number of clusters in one etcd.</summary>
    Cached,

    /// <summary>As a cluster exports itself: <c>cilium/state/…</c>, one cluster an etcd.</summary>
    State,
}
