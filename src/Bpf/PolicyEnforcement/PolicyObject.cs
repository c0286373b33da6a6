using KvStoreMesh.Bpf.Elf;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.PolicyEnforcement;

/// <summary>The programs of <c>Programs/policy.c</c>, as built and embedded.</summary>
internal static class PolicyObject
{
    // What endpoint_id() of policy.c loads.
    private const ulong EndpointIdPlaceholder = 0x6b766d6570696400;

    private static readonly Lazy<BpfObject> Embedded = new(() => BpfObject.OfResource("policy.o"));

    /// <summary>Loads one program for one endpoint.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static SafeBpfHandle Load(
        PolicyProgram program,
        ushort endpoint,
        BpfMap<IpCacheKey, RemoteEndpointInfo> ipCache,
        BpfMap<PolicyKey, PolicyEntry> policy,
        SharedPolicyMaps shared)
    {
        var loader = new BpfProgramLoader(
            Embedded.Value.License,
            new Dictionary<string, SafeBpfHandle>
            {
                ["cilium_ipcache_v2"] = ipCache.Handle,
                ["cilium_policy_v2"] = policy.Handle,
                ["cilium_metrics"] = shared.Metrics.Handle,
                ["kvstoremesh_ct"] = shared.Conntrack.Handle,
                ["kvstoremesh_drops"] = shared.Drops.Handle,
            },
            new Dictionary<ulong, ulong> { [EndpointIdPlaceholder] = endpoint });
        return loader.Load(Embedded.Value.Programs.Single(p => p.Name == program.Name), program.ProgramType, program.AttachType);
    }
}
