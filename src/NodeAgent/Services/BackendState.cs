namespace KvStoreMesh.NodeAgent.Services;

/// <summary>How a backend stands, in the order in which Cilium prefers them.</summary>
public enum BackendState : byte
{
    /// <summary>Takes new connections.</summary>
    Active,

    /// <summary>Keeps its connections, and takes new ones only where no backend is active.</summary>
    Terminating,

    /// <summary>Keeps its connections; it has stopped to answer new ones.</summary>
    TerminatingNotServing,

    /// <summary>Found unhealthy.</summary>
    Quarantined,

    /// <summary>Taken out: known, but in no slot.</summary>
    Maintenance,
}
