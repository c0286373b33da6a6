namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>A value of <c>cilium_lb4_services_v2</c>. All zero but count and id: a plain ClusterIP.</summary>
/// <param name="BackendId">Of slot 1 and up the backend; of the master the affinity timeout and algorithm, 0 here.</param>
/// <param name="Count">Of the master: slots 1 to Count are eligible.</param>
/// <param name="RevNatId">The frontend's service id.</param>
/// <param name="Flags">Cilium's first flag byte.</param>
/// <param name="Flags2">Cilium's second flag byte.</param>
/// <param name="QCount">Of the master: further slots that are not eligible.</param>
public readonly record struct ServiceSlot(
    uint BackendId, ushort Count, ushort RevNatId, byte Flags = 0, byte Flags2 = 0, ushort QCount = 0)
{
    /// <summary>The slot of a backend.</summary>
    public static ServiceSlot Of(uint backendId, ushort serviceId) => new(backendId, 0, serviceId);

    /// <summary>The master slot.</summary>
    public static ServiceSlot Master(int count, ushort serviceId) => new(0, checked((ushort)count), serviceId);
}
