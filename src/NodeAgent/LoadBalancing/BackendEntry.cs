using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>A value of <c>cilium_lb4_backends_v3</c> or <c>cilium_lb6_backends_v3</c>.</summary>
/// <param name="Address">Where the backend listens.</param>
/// <param name="State">0 active, 1 terminating, 2 quarantined, 3 maintenance.</param>
/// <param name="ClusterId">Always 0 as in Cilium, where it belongs to overlapping addresses.</param>
/// <param name="Zone">0 = none.</param>
public readonly record struct BackendEntry(L3n4Addr Address, byte State = 0, ushort ClusterId = 0, byte Zone = 0)
{
    /// <summary>The entry of a backend in a state. The map does not know whether a terminating one still serves.</summary>
    public static BackendEntry Of(L3n4Addr address, BackendState state) => new(address, state switch
    {
        BackendState.Active => 0,
        BackendState.Terminating or BackendState.TerminatingNotServing => 1,
        BackendState.Quarantined => 2,
        _ => 3,
    });

    /// <summary>The state as far as the map tells it.</summary>
    public BackendState Standing => State switch
    {
        0 => BackendState.Active,
        1 => BackendState.Terminating,
        2 => BackendState.Quarantined,
        _ => BackendState.Maintenance,
    };
}
