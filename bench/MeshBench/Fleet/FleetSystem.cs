namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>What subscribers talk to.</summary>
public enum FleetSystem
{
    /// <summary>The daemon.</summary>
    Mesh,

    /// <summary>An etcd or its proxy.</summary>
    Etcd,

    /// <summary>The etcds of all clusters, as an agent without a daemon: a connection to each.</summary>
    Agent,
}
