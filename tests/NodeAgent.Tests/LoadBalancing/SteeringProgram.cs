using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Tests.LoadBalancing;

/// <summary>Looks a service up as the socket program does: master, a slot within the count, its backend.</summary>
internal static class SteeringProgram
{
    /// <summary>
    /// Every outcome the random choice of a slot can have: null stands for a hole, on which a connection fails. Empty if
    /// the frontend is unknown or has no backends.
    /// </summary>
    public static IReadOnlyList<L3n4Addr?> Outcomes(LoadBalancerContents contents, L3n4Addr frontend)
    {
        if (contents.SlotsOf(new ServiceFrontend(frontend)) is not { } slots || !slots.TryGetValue(0, out var master))
        {
            return [];
        }

        return
        [
            .. Enumerable.Range(1, master.Count).Select(slot =>
                slots.TryGetValue((ushort)slot, out var entry) && contents.Backends.TryGetValue(entry.BackendId, out var backend)
                    ? backend.Address
                    : (L3n4Addr?)null),
        ];
    }
}
