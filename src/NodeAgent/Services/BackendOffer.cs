namespace KvStoreMesh.NodeAgent.Services;

/// <summary>A backend as one record of a service offers it.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="PortNames">The names its port carries; a backend without names serves every frontend of its protocol.</param>
/// <param name="State">How it stands.</param>
/// <param name="NodeName">The node it runs on; empty where the record does not tell, as those of other clusters.</param>
public sealed record BackendOffer(
    L3n4Addr Address, IReadOnlyList<string> PortNames, BackendState State = BackendState.Active, string NodeName = "")
{
    /// <summary>Connections to it may go on.</summary>
    public bool IsAlive => State is BackendState.Active or BackendState.Terminating;
}
