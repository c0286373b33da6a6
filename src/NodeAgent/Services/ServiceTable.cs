using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>
/// Merges what each cluster exports of a service into frontends with their backends.
/// </summary>
/// <remarks>
/// Frontends come from the local cluster's record. Backends come from it and, if it includes external ones, from every
/// remote record that is shared (Cilium: pkg/clustermesh/service_merger.go and DefaultSelectBackends). A frontend takes
/// the backends of its protocol; if it has a port name, those that carry the name or have none. Numbers are not
/// compared: 8080 may lead to 9090. A backend known from several records occurs once, and stays until the last of
/// them withdraws it. Pure and deterministic: the result depends on the records alone, never on their order of arrival.
/// Not thread-safe: owned by the apply loop.
/// </remarks>
public sealed class ServiceTable
{
    private readonly Dictionary<string, Dictionary<ClusterName, ClusterService>> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<L3n4Addr, L3n4Addr[]>> _merged = new(StringComparer.Ordinal);
    private readonly Dictionary<L3n4Addr, SortedSet<string>> _claims = [];
    private readonly HashSet<L3n4Addr> _changed = [];
    private readonly Dictionary<string, int> _skippedIpv6 = new(StringComparer.Ordinal);

    /// <summary>Creates an empty table.</summary>
    /// <param name="localCluster">Whose records bring the frontends; null if not known, then there are none.</param>
    public ServiceTable(ClusterName? localCluster) => LocalCluster = localCluster;

    /// <summary>Whose records bring the frontends.</summary>
    public ClusterName? LocalCluster { get; }

    /// <summary>Services known of any cluster.</summary>
    public int Count => _records.Count;

    /// <summary>IPv6 addresses of frontends and backends that were left out: only IPv4 is merged.</summary>
    public int SkippedIpv6 => _skippedIpv6.Values.Sum();

    /// <summary>Every frontend.</summary>
    public IReadOnlyCollection<L3n4Addr> Frontends => _claims.Keys;

    /// <summary>Takes a cluster's record of a service.</summary>
    public void Upsert(ClusterName cluster, ClusterService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var name = $"{service.Namespace}/{service.Name}";
        if (!_records.TryGetValue(name, out var records))
        {
            _records.Add(name, records = []);
        }

        records[cluster] = service;
        Merge(name);
    }

    /// <summary>Forgets a cluster's record; nothing happens if there is none.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="name"><c>namespace/name</c>.</param>
    public void Remove(ClusterName cluster, string name)
    {
        if (_records.TryGetValue(name, out var records) && records.Remove(cluster))
        {
            if (records.Count == 0)
            {
                _records.Remove(name);
            }

            Merge(name);
        }
    }

    /// <summary>The backends of a frontend, ascending, and the service it belongs to; null if there is no such frontend.</summary>
    public MergedFrontend? Find(L3n4Addr frontend) =>
        _claims.TryGetValue(frontend, out var claims) && claims.Min is { } name
            ? new(frontend, name, _merged[name][frontend])
            : null;

    /// <summary>The frontends that may differ since the last call.</summary>
    public IReadOnlyCollection<L3n4Addr> TakeChanged()
    {
        L3n4Addr[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }

    private void Merge(string name)
    {
        var before = _merged.GetValueOrDefault(name);
        var after = MergeFrontends(name);
        foreach (var (frontend, _) in before ?? [])
        {
            if (!after.ContainsKey(frontend))
            {
                Release(frontend, name);
            }
        }

        foreach (var (frontend, backends) in after)
        {
            if (before is null || !before.TryGetValue(frontend, out var old) || !old.AsSpan().SequenceEqual(backends))
            {
                Claim(frontend, name);
            }
        }

        if (after.Count > 0)
        {
            _merged[name] = after;
        }
        else
        {
            _merged.Remove(name);
        }
    }

    private void Claim(L3n4Addr frontend, string name)
    {
        if (!_claims.TryGetValue(frontend, out var claims))
        {
            // Two services with one cluster IP and port are not valid in Kubernetes; if it happens, the lower name has it.
            _claims.Add(frontend, claims = new SortedSet<string>(StringComparer.Ordinal));
        }

        claims.Add(name);
        _changed.Add(frontend);
    }

    private void Release(L3n4Addr frontend, string name)
    {
        var claims = _claims[frontend];
        claims.Remove(name);
        if (claims.Count == 0)
        {
            _claims.Remove(frontend);
        }

        _changed.Add(frontend);
    }

    private Dictionary<L3n4Addr, L3n4Addr[]> MergeFrontends(string name)
    {
        Dictionary<L3n4Addr, L3n4Addr[]> result = [];
        var skipped = 0;
        if (LocalCluster is { } local && _records.TryGetValue(name, out var records) && records.TryGetValue(local, out var own))
        {
            var candidates = new BackendCandidates();
            foreach (var (cluster, record) in records)
            {
                if (cluster == local || (own.IncludeExternal && record.Shared))
                {
                    skipped += candidates.Add(record);
                }
            }

            foreach (var (ip, ports) in own.Frontends)
            {
                skipped += AddFrontends(ip, ports, candidates, result);
            }
        }

        if (skipped > 0)
        {
            _skippedIpv6[name] = skipped;
        }
        else
        {
            _skippedIpv6.Remove(name);
        }

        return result;
    }

    private static int AddFrontends(
        IPAddress ip, IReadOnlyDictionary<string, L4Port> ports, BackendCandidates candidates, Dictionary<L3n4Addr, L3n4Addr[]> result)
    {
        if (ip.AddressFamily != AddressFamily.InterNetwork)
        {
            return 1;
        }

        foreach (var (portName, port) in ports)
        {
            if (L3n4Addr.ParseProtocol(port.Protocol) is { } protocol)
            {
                var frontend = L3n4Addr.From(ip, port.Port, protocol);
                var backends = candidates.Select(protocol, portName);

                // One number under two port names is one frontend: it takes the backends of both.
                result[frontend] = result.TryGetValue(frontend, out var others) ? [.. others.Union(backends).Order()] : backends;
            }
        }

        return 0;
    }
}
