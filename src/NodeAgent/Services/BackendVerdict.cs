namespace KvStoreMesh.NodeAgent.Services;

/// <summary>Why a backend is among those of a frontend, or is not.</summary>
public enum BackendVerdict : byte
{
    /// <summary>In: it takes new connections.</summary>
    InUse,

    /// <summary>In, but it takes no new connections: terminating beside active ones, or quarantined.</summary>
    Standby,

    /// <summary>In the backend map only.</summary>
    Maintenance,

    /// <summary>Out: the frontend is of the other IP family.</summary>
    OtherFamily,

    /// <summary>Out: the frontend is of another protocol.</summary>
    OtherProtocol,

    /// <summary>Out: its port has names, and the frontend's is not among them.</summary>
    OtherPortName,

    /// <summary>Out: its cluster does not share the service.</summary>
    NotShared,

    /// <summary>Out: the local service is not global.</summary>
    NotGlobal,

    /// <summary>Out: the own cluster has the same address, which counts.</summary>
    HiddenByLocal,

    /// <summary>Out: the service keeps to its node, and this backend is on another.</summary>
    OtherNode,

    /// <summary>Out: affinity is local, and the own cluster has a backend that takes connections.</summary>
    LocalPreferred,

    /// <summary>Out: affinity is local, and no remote backend is healthy either.</summary>
    NoHealthyRemote,

    /// <summary>Out: affinity is remote, and another cluster has a healthy backend.</summary>
    RemotePreferred,

    /// <summary>Out: affinity is remote, and no local backend is healthy either.</summary>
    NoHealthyLocal,

    /// <summary>Out: its cluster cannot be reached, and others that can be have backends.</summary>
    Unreachable,

    /// <summary>Out: its cluster has not been reachable for longer than services are trusted.</summary>
    Expired,
}
