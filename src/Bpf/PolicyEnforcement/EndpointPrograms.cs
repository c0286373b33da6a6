using KvStoreMesh.Bpf.Links;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.PolicyEnforcement;

/// <summary>
/// Puts the policy programs on one endpoint by pinned links: policy is enforced on when this process is gone, and the next one
/// takes the links over without a gap. Only <see cref="Detach"/> ends it.
/// </summary>
public static class EndpointPrograms
{
    /// <summary>
    /// Loads the programs against these maps and attaches them, in both directions. The policy map should hold its policy by now: from here on it counts.
    /// </summary>
    /// <param name="pins">Where the links are pinned.</param>
    /// <param name="endpoint">The endpoint's number.</param>
    /// <param name="owner"><c>namespace/name</c> of the endpoint.</param>
    /// <param name="target">What carries its traffic.</param>
    /// <param name="ipCache">Who is behind an address.</param>
    /// <param name="policy">The endpoint's policy.</param>
    /// <param name="shared">What all endpoints share.</param>
    /// <returns>How the links came about.</returns>
    /// <exception cref="BpfException">The kernel refused; what was attached before is still.</exception>
    public static IReadOnlyList<LinkOrigin> Attach(
        EndpointPins pins,
        ushort endpoint,
        string owner,
        EndpointTarget target,
        BpfMap<IpCacheKey, RemoteEndpointInfo> ipCache,
        BpfMap<PolicyKey, PolicyEntry> policy,
        SharedPolicyMaps shared)
    {
        using LinkTarget opened = target.Interface is { } name ? LinkTarget.Interface(name) : LinkTarget.Cgroup(target.Cgroup ?? string.Empty);
        pins.Claim(endpoint, owner);
        var origins = new List<LinkOrigin>();
        foreach (PolicyProgram program in PolicyProgram.Of(target))
        {
            using SafeBpfHandle loaded = PolicyObject.Load(program, endpoint, ipCache, policy, shared);
            origins.Add(PinnedLink.Attach(program.Name, loaded, program.AttachType, opened, pins.LinkOf(endpoint, program)));
        }

        foreach (PolicyProgram former in target.Interface is null ? PolicyProgram.OfInterface : PolicyProgram.OfCgroup)
        {
            PinnedLink.Detach(pins.LinkOf(endpoint, former));
        }

        return origins;
    }

    /// <summary>Both programs are on this very target: not on one of the same name that went meanwhile.</summary>
    /// <exception cref="BpfException">The kernel refused, or there is no such interface or cgroup.</exception>
    public static bool IsAttached(EndpointPins pins, ushort endpoint, EndpointTarget target)
    {
        using LinkTarget opened = target.Interface is { } name ? LinkTarget.Interface(name) : LinkTarget.Cgroup(target.Cgroup ?? string.Empty);
        return PolicyProgram.Of(target).All(program => PinnedLink.IsAttached(program.AttachType, opened, pins.LinkOf(endpoint, program)));
    }

    /// <summary>Takes the programs off an endpoint, by whichever process they were attached, and removes the pins: its traffic is free.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static void Detach(EndpointPins pins, ushort endpoint)
    {
        foreach (PolicyProgram program in PolicyProgram.OfInterface.Concat(PolicyProgram.OfCgroup))
        {
            PinnedLink.Detach(pins.LinkOf(endpoint, program));
        }

        pins.Remove(endpoint);
    }
}
