namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>A value of <c>cilium_lb4_services_v2</c> or <c>cilium_lb6_services_v2</c>. All zero but count and id: a plain ClusterIP.</summary>
/// <param name="BackendId">Of slot 1 and up the backend; of the master the affinity timeout in seconds, 24 bits, below the algorithm.</param>
/// <param name="Count">Of the master: slots 1 to Count are eligible.</param>
/// <param name="RevNatId">The frontend's service id.</param>
/// <param name="Flags">Cilium's first flag byte.</param>
/// <param name="Flags2">Cilium's second flag byte.</param>
/// <param name="QCount">Of the master: further slots that are not eligible.</param>
public readonly record struct ServiceSlot(
    uint BackendId, ushort Count, ushort RevNatId, byte Flags = 0, byte Flags2 = 0, ushort QCount = 0)
{
    /// <summary>The longest affinity that fits, seconds.</summary>
    public const uint MaxAffinitySeconds = 0xffffff;

    private const byte AffinityFlag = 0x10;

    /// <summary>Of the master: how long a client stays with its backend, seconds; 0 without session affinity.</summary>
    public uint AffinitySeconds => (Flags & AffinityFlag) == 0 ? 0 : BackendId & MaxAffinitySeconds;

    /// <summary>The slot of a backend.</summary>
    public static ServiceSlot Of(uint backendId, ushort serviceId, uint affinitySeconds = 0) => new(backendId, 0, serviceId, FlagsOf(affinitySeconds));

    /// <summary>The master slot.</summary>
    public static ServiceSlot Master(int count, ushort serviceId, uint affinitySeconds = 0, int standby = 0) => new(
        Math.Min(affinitySeconds, MaxAffinitySeconds), checked((ushort)count), serviceId, FlagsOf(affinitySeconds), 0, checked((ushort)standby));

    private static byte FlagsOf(uint affinitySeconds) => affinitySeconds > 0 ? AffinityFlag : (byte)0;
}
