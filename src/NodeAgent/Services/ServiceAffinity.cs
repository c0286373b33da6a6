namespace KvStoreMesh.NodeAgent.Services;

/// <summary>Which side a global service prefers (annotation <c>service.cilium.io/affinity</c>).</summary>
public enum ServiceAffinity : byte
{
    /// <summary>Backends of all clusters alike.</summary>
    None,

    /// <summary>Those of the own cluster, others only while none of them takes connections.</summary>
    Local,

    /// <summary>Those of other clusters, the own ones only while there are none.</summary>
    Remote,
}
