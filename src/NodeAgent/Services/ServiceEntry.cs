using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>Everything known of one service, by who says it, and its frontends as they were merged last.</summary>
internal sealed class ServiceEntry
{
    private static readonly Dictionary<L3n4Addr, MergedFrontend> Nothing = [];

    /// <summary>What the own cluster's store says.</summary>
    public LocalService? Record { get; set; }

    /// <summary>What the manifests say; it goes before <see cref="Record"/>, as Kubernetes does in Cilium.</summary>
    public LocalService? Manifest { get; set; }

    /// <summary>What other clusters say.</summary>
    public Dictionary<ClusterName, RemoteService> Remote { get; } = [];

    /// <summary>The own cluster's service.</summary>
    public LocalService? Own => Manifest ?? Record;

    /// <summary>Nobody says anything.</summary>
    public bool IsEmpty => Own is null && Remote.Count == 0;

    /// <summary>The frontends by address, as of the last merge.</summary>
    public IReadOnlyDictionary<L3n4Addr, MergedFrontend> Merged { get; private set; } = Nothing;

    /// <summary>The candidates for the frontends; null without a local service.</summary>
    public BackendCandidates? Candidates(in ServiceMergeRules rules)
    {
        if (Own is not { } own)
        {
            return null;
        }

        var candidates = new BackendCandidates(own, rules.NodeName, rules.PrefersReachable);
        candidates.AddOwn(rules.LocalCluster);
        foreach (var (cluster, service) in Remote)
        {
            candidates.AddRemote(cluster, service.Backends, service.IsShared, rules.Standing(cluster));
        }

        return candidates;
    }

    /// <summary>Merges anew; returns the addresses that came, went or changed, with whether they are there now.</summary>
    public IReadOnlyList<(L3n4Addr Frontend, bool IsThere)> Merge(string name, in ServiceMergeRules rules)
    {
        List<(L3n4Addr, bool)> changed = [];
        var before = Merged;
        var after = Frontends(name, rules);
        changed.AddRange(before.Keys.Where(frontend => !after.ContainsKey(frontend)).Select(frontend => (frontend, false)));
        foreach (var (frontend, merged) in after)
        {
            if (!before.TryGetValue(frontend, out var old)
                || old.AffinitySeconds != merged.AffinitySeconds || !old.Backends.SequenceEqual(merged.Backends))
            {
                changed.Add((frontend, true));
            }
        }

        Merged = after;
        return changed;
    }

    private Dictionary<L3n4Addr, MergedFrontend> Frontends(string name, in ServiceMergeRules rules)
    {
        if (Candidates(rules) is not { } candidates)
        {
            return Nothing;
        }

        Dictionary<L3n4Addr, MergedFrontend> frontends = [];
        foreach (var port in Own!.Frontends)
        {
            var backends = candidates.Select(port);
            if (frontends.TryGetValue(port.Address, out var twin))
            {
                // One number under two port names is one frontend: it takes the backends of both.
                backends = [.. twin.Backends.UnionBy(backends, backend => backend.Address).Order()];
            }

            frontends[port.Address] = new(port.Address, name, backends, Own.AffinitySeconds);
        }

        return frontends;
    }
}
