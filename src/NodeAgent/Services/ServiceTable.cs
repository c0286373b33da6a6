using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>
/// Merges what each cluster exports of a service into frontends with their backends.
/// </summary>
/// <remarks>
/// Frontends come from the local cluster's service. Backends come from it and, if it is global, from every remote record that
/// is shared; <see cref="BackendCandidates"/> says which. A frontend takes the backends of its protocol and family; if it has a
/// port name, those that carry the name or have none. Numbers are not compared: 8080 may lead to 9090. A backend known from
/// several records occurs once, and stays until the last of them withdraws it. Pure and deterministic: the result depends on
/// the records alone, never on their order of arrival. Services are merged when somebody looks, not with every record: a
/// snapshot of many clusters merges each service once. Not thread-safe: owned by the apply loop.
/// </remarks>
public sealed class ServiceTable
{
    private readonly Dictionary<string, ServiceEntry> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<L3n4Addr, SortedSet<string>> _claims = [];
    private readonly Dictionary<ClusterName, SourceStanding> _standings = [];
    private readonly HashSet<string> _unmerged = new(StringComparer.Ordinal);
    private readonly HashSet<L3n4Addr> _changed = [];
    private readonly SortedSet<L3n4Addr> _contested = [];
    private readonly ServiceMergeRules _rules;

    /// <summary>Creates an empty table.</summary>
    /// <param name="localCluster">Whose records bring the frontends; null if not known, then only manifests do.</param>
    /// <param name="nodeName">This node, for services that keep to their node.</param>
    /// <param name="prefersReachable">Backends of clusters that cannot be reached stand back behind others.</param>
    public ServiceTable(ClusterName? localCluster, string nodeName = "", bool prefersReachable = false)
    {
        LocalCluster = localCluster;
        _rules = new(localCluster, nodeName, prefersReachable, cluster => _standings.GetValueOrDefault(cluster));
    }

    /// <summary>Whose records bring the frontends.</summary>
    public ClusterName? LocalCluster { get; }

    /// <summary>Services known of any cluster.</summary>
    public int Count => _services.Count;

    /// <summary>Services of the own cluster that take backends of others.</summary>
    public int GlobalCount => _services.Values.Count(service => service.Own is { IsGlobal: true });

    /// <summary>Every frontend.</summary>
    public IReadOnlyCollection<L3n4Addr> Frontends
    {
        get
        {
            Merge();
            return _claims.Keys;
        }
    }

    /// <summary>Frontends that more than one service claims, ascending, with the services' names; the first of them has it.</summary>
    public IReadOnlyList<(L3n4Addr Frontend, IReadOnlyCollection<string> Services)> Contested
    {
        get
        {
            Merge();
            return [.. _contested.Select(frontend => (frontend, (IReadOnlyCollection<string>)_claims[frontend]))];
        }
    }

    /// <summary>Takes a cluster's record of a service.</summary>
    public void Upsert(ClusterName cluster, ClusterService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var entry = Touch($"{service.Namespace}/{service.Name}");
        if (cluster == LocalCluster)
        {
            var record = ServiceRecords.Local(service);
            NoteWithdrawals(entry.Record?.Backends, record.Backends);
            entry.Record = record;
        }
        else
        {
            var record = ServiceRecords.Remote(service);
            NoteWithdrawals(entry.Remote.GetValueOrDefault(cluster)?.Backends, record.IsShared ? record.Backends : []);
            entry.Remote[cluster] = record;
        }
    }

    /// <summary>Forgets a cluster's record; nothing happens if there is none.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="name"><c>namespace/name</c>.</param>
    public void Remove(ClusterName cluster, string name)
    {
        if (!_services.ContainsKey(name))
        {
            return;
        }

        var entry = Touch(name);
        Withdrawals++;
        if (cluster == LocalCluster)
        {
            entry.Record = null;
        }
        else
        {
            entry.Remote.Remove(cluster);
        }
    }

    /// <summary>Takes what the manifests say of a service; it counts in place of the own cluster's record.</summary>
    public void SetManifest(LocalService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var entry = Touch(service.Name);
        NoteWithdrawals(entry.Own?.Backends, service.Backends);
        entry.Manifest = service;
    }

    /// <summary>The manifests no longer have the service.</summary>
    public void RemoveManifest(string name)
    {
        if (_services.ContainsKey(name))
        {
            Touch(name).Manifest = null;
            Withdrawals++;
        }
    }

    /// <summary>Says whether a remote cluster can be reached; true if that is news.</summary>
    public bool SetStanding(ClusterName cluster, SourceStanding standing)
    {
        var before = _standings.GetValueOrDefault(cluster);
        if (cluster == LocalCluster || before == standing)
        {
            return false;
        }

        _standings[cluster] = standing;
        Withdrawals += standing == SourceStanding.Expired ? 1 : 0;
        if (_rules.PrefersReachable || before == SourceStanding.Expired || standing == SourceStanding.Expired)
        {
            _unmerged.UnionWith(_services.Where(service => service.Value.Remote.ContainsKey(cluster)).Select(service => service.Key));
        }

        return true;
    }

    /// <summary>The frontend with its backends; null if there is no such frontend.</summary>
    public MergedFrontend? Find(L3n4Addr frontend)
    {
        Merge();
        return _claims.TryGetValue(frontend, out var claims) && claims.Min is { } name ? _services[name].Merged[frontend] : null;
    }

    /// <summary>Grows whenever a record loses a backend to which connections may go on.</summary>
    public long Withdrawals { get; private set; }

    /// <summary>The backends that some record of the frontend's service offers and to which connections may go on, selected or not.</summary>
    public IReadOnlySet<L3n4Addr> OfferedTo(L3n4Addr frontend) => Find(frontend) is { } merged
        ? _services[merged.Service].Candidates(_rules)!.All
            .Where(candidate => candidate is { IsShared: true, Offer.IsAlive: true } && candidate.Standing != SourceStanding.Expired)
            .Select(candidate => candidate.Offer.Address).ToHashSet()
        : new HashSet<L3n4Addr>();

    /// <summary>Every record of a service and what becomes of each backend at each frontend; null if nobody knows the service.</summary>
    public ServiceExplanation? Explain(string name)
    {
        Merge();
        return _services.TryGetValue(name, out var entry) ? ServiceExplanation.Of(name, entry, _rules, frontend => _claims[frontend].Min!) : null;
    }

    /// <summary>The names of all services known of any cluster, ascending.</summary>
    public IReadOnlyList<string> Names => [.. _services.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The frontends that may differ since the last call.</summary>
    public IReadOnlyCollection<L3n4Addr> TakeChanged()
    {
        Merge();
        L3n4Addr[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }

    private void NoteWithdrawals(IReadOnlyList<BackendOffer>? before, IReadOnlyList<BackendOffer> after)
    {
        if (before is { Count: > 0 })
        {
            var alive = after.Where(offer => offer.IsAlive).Select(offer => offer.Address).ToHashSet();
            Withdrawals += before.Any(offer => offer.IsAlive && !alive.Contains(offer.Address)) ? 1 : 0;
        }
    }

    private ServiceEntry Touch(string name)
    {
        if (!_services.TryGetValue(name, out var entry))
        {
            _services.Add(name, entry = new ServiceEntry());
        }

        _unmerged.Add(name);
        return entry;
    }

    private void Merge()
    {
        foreach (var name in _unmerged)
        {
            var entry = _services[name];
            foreach (var (frontend, isThere) in entry.Merge(name, _rules))
            {
                Claim(frontend, name, isThere);
            }

            if (entry.IsEmpty)
            {
                _services.Remove(name);
            }
        }

        _unmerged.Clear();
    }

    private void Claim(L3n4Addr frontend, string name, bool isThere)
    {
        if (!_claims.TryGetValue(frontend, out var claims))
        {
            _claims.Add(frontend, claims = new SortedSet<string>(StringComparer.Ordinal));
        }

        _ = isThere ? claims.Add(name) : claims.Remove(name);
        if (claims.Count == 0)
        {
            _claims.Remove(frontend);
        }

        // Two services with one cluster IP and port are not valid in Kubernetes; if it happens, the lower name has it.
        _ = claims.Count > 1 ? _contested.Add(frontend) : _contested.Remove(frontend);
        _changed.Add(frontend);
    }
}
