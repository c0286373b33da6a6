using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>Where policy is enforced: a map and two programs for each endpoint, and what they report.</summary>
public interface IPolicyDatapath
{
    /// <summary>The endpoints an earlier run left, by number: <c>namespace/name</c>.</summary>
    IReadOnlyDictionary<ushort, string> Owners();

    /// <summary>Adopts an endpoint's map, or makes one.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    IPolicyMap Open(ushort endpoint);

    /// <summary>Puts the programs on an endpoint, or swaps them.</summary>
    /// <exception cref="IOException">The kernel refused, or there is no such interface or cgroup.</exception>
    void Attach(ushort endpoint, string owner, string? device, string? cgroup);

    /// <summary>The programs are on this very interface or cgroup; not if it has gone and come back meanwhile.</summary>
    bool IsAttached(ushort endpoint, string? device, string? cgroup);

    /// <summary>Takes programs and map away: the endpoint's traffic is free.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    void Remove(ushort endpoint);

    /// <summary>What has passed and been dropped since the maps were made.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    IReadOnlyDictionary<MetricsKey, MetricsValue> Counts();

    /// <summary>Waits up to this long for dropped packets and takes those that are there, at most a thousand. One thread.</summary>
    IReadOnlyList<DropEvent> TakeDrops(TimeSpan wait);
}
