using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>What a frontend's entries should be.</summary>
/// <param name="Frontend">The frontend.</param>
/// <param name="ServiceId">Its id.</param>
/// <param name="Backends">Ids and entries in the order of the slots; those in maintenance, which get none, come last.</param>
/// <param name="Eligible">How many from the first on take new connections.</param>
/// <param name="Slots">How many from the first on get a slot.</param>
/// <param name="AffinitySeconds">How long a client stays with its backend; 0: every connection anew.</param>
public sealed record FrontendTarget(
    ServiceFrontend Frontend,
    ushort ServiceId,
    IReadOnlyList<KeyValuePair<uint, BackendEntry>> Backends,
    int Eligible,
    int Slots,
    uint AffinitySeconds);
