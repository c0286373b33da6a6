using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>
/// The backends that all records of one service offer, and which of them a frontend gets.
/// </summary>
/// <remarks>
/// Names are kept per record: if cluster b names a port and cluster c does not, c's backend is free for every
/// frontend, and so is an address that both export. An address that the own cluster has is the own cluster's alone. Cilium:
/// DefaultSelectBackends in pkg/loadbalancer/writer, then pkg/clustermesh/selectbackends.go. Pure.
/// </remarks>
internal sealed class BackendCandidates(LocalService own, string nodeName, bool prefersReachable)
{
    private readonly List<BackendCandidate> _all = [];
    private readonly HashSet<L3n4Addr> _ownAddresses = [.. own.Backends.Select(backend => backend.Address)];

    /// <summary>Every candidate, in the order of <see cref="Judge(ServicePort)"/>.</summary>
    public IReadOnlyList<BackendCandidate> All => _all;

    public void AddOwn(ClusterName? cluster) =>
        _all.AddRange(own.Backends.Select(offer => new BackendCandidate(offer, cluster, IsRemote: false, IsShared: true, SourceStanding.Reachable)));

    public void AddRemote(ClusterName cluster, IEnumerable<BackendOffer> offers, bool isShared, SourceStanding standing) =>
        _all.AddRange(offers.Select(offer => new BackendCandidate(offer, cluster, IsRemote: true, isShared, standing)));

    /// <summary>The backends of a frontend, each once, in the order of their slots.</summary>
    public SelectedBackend[] Select(ServicePort frontend)
    {
        var verdicts = Judge(frontend);
        Dictionary<L3n4Addr, BackendState> selected = [];
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i] <= BackendVerdict.Maintenance)
            {
                // Of an address that several clusters export the best state counts.
                var (address, state) = (_all[i].Offer.Address, _all[i].Offer.State);
                selected[address] = selected.TryGetValue(address, out var other) && other < state ? other : state;
            }
        }

        return [.. selected.Select(backend => new SelectedBackend(backend.Key, backend.Value)).Order()];
    }

    /// <summary>What becomes of each candidate at a frontend.</summary>
    public BackendVerdict[] Judge(ServicePort frontend)
    {
        if (prefersReachable)
        {
            var reachable = Judge(frontend, reachableOnly: true);
            if (reachable.Contains(BackendVerdict.InUse))
            {
                return reachable;
            }
        }

        return Judge(frontend, reachableOnly: false);
    }

    private BackendVerdict[] Judge(ServicePort frontend, bool reachableOnly)
    {
        var verdicts = new BackendVerdict[_all.Count];
        for (var i = 0; i < verdicts.Length; i++)
        {
            verdicts[i] = Filter(frontend, _all[i], reachableOnly);
        }

        if (own.IsGlobal)
        {
            ApplyAffinity(verdicts);
        }

        Grade(verdicts);
        return verdicts;
    }

    private BackendVerdict Filter(ServicePort frontend, BackendCandidate candidate, bool reachableOnly)
    {
        var offer = candidate.Offer;
        return candidate switch
        {
            { IsRemote: true } when !own.IsGlobal => BackendVerdict.NotGlobal,
            { IsShared: false } => BackendVerdict.NotShared,
            { Standing: SourceStanding.Expired } => BackendVerdict.Expired,
            _ when offer.Address.IsIpv6 != frontend.Address.IsIpv6 => BackendVerdict.OtherFamily,
            _ when offer.Address.Protocol != frontend.Address.Protocol => BackendVerdict.OtherProtocol,
            _ when frontend.Name.Length > 0 && offer.PortNames.Count > 0 && !offer.PortNames.Contains(frontend.Name) => BackendVerdict.OtherPortName,
            { IsRemote: true } when _ownAddresses.Contains(offer.Address) => BackendVerdict.HiddenByLocal,
            _ when own.IsNodeLocal && offer.NodeName.Length > 0 && offer.NodeName != nodeName => BackendVerdict.OtherNode,
            { Standing: SourceStanding.Unreachable } when reachableOnly => BackendVerdict.Unreachable,
            _ => BackendVerdict.InUse,
        };
    }

    private void ApplyAffinity(BackendVerdict[] verdicts)
    {
        if (own.Affinity == ServiceAffinity.Local)
        {
            // A terminating backend of the own cluster does not hold back the others: only an active one does.
            if (Any(verdicts, candidate => !candidate.IsRemote && candidate.Offer.State == BackendState.Active))
            {
                PutOut(verdicts, isRemote: true, BackendVerdict.LocalPreferred);
            }
            else if (!Any(verdicts, candidate => candidate.IsRemote && candidate.Offer.IsAlive))
            {
                PutOut(verdicts, isRemote: true, BackendVerdict.NoHealthyRemote);
            }
        }
        else if (own.Affinity == ServiceAffinity.Remote)
        {
            if (Any(verdicts, candidate => candidate.IsRemote && candidate.Offer.IsAlive))
            {
                PutOut(verdicts, isRemote: false, BackendVerdict.RemotePreferred);
            }
            else if (!Any(verdicts, candidate => !candidate.IsRemote && candidate.Offer.IsAlive))
            {
                PutOut(verdicts, isRemote: false, BackendVerdict.NoHealthyLocal);
            }
        }
    }

    /// <summary>Of those that are in: who takes connections. Terminating ones do where no active one is left.</summary>
    private void Grade(BackendVerdict[] verdicts)
    {
        var best = Any(verdicts, candidate => candidate.Offer.State == BackendState.Active) ? BackendState.Active : BackendState.Terminating;
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i] == BackendVerdict.InUse && _all[i].Offer.State != best)
            {
                verdicts[i] = _all[i].Offer.State == BackendState.Maintenance ? BackendVerdict.Maintenance : BackendVerdict.Standby;
            }
        }
    }

    private bool Any(BackendVerdict[] verdicts, Func<BackendCandidate, bool> holds)
    {
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i] == BackendVerdict.InUse && holds(_all[i]))
            {
                return true;
            }
        }

        return false;
    }

    private void PutOut(BackendVerdict[] verdicts, bool isRemote, BackendVerdict reason)
    {
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i] == BackendVerdict.InUse && _all[i].IsRemote == isRemote)
            {
                verdicts[i] = reason;
            }
        }
    }
}
