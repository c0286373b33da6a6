using System.Globalization;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.Policy;

namespace KvStoreMesh.NodeAgent.Endpoints;

/// <summary>
/// The endpoints at work: their numbers, maps, identities, addresses and programs. An endpoint's identity is the local cluster's that
/// has exactly its labels; while there is none, one of this node.
/// </summary>
/// <remarks>Not thread-safe: owned by the apply loop.</remarks>
internal sealed class EndpointSet(
    IPolicyDatapath datapath, LocalIdentityAllocator allocator, Func<IpPrefix, uint> adopted, ILogger logger)
{
    private readonly EndpointNumbers _numbers = new(datapath.Owners());
    private readonly SortedDictionary<string, EndpointRecord> _records = new(StringComparer.Ordinal);
    private IReadOnlyList<(LocalEndpoint Endpoint, string Problem)> _refused = [];

    /// <summary>The endpoints at work, by name.</summary>
    public IReadOnlyCollection<EndpointRecord> Records => _records.Values;

    /// <summary>Endpoints of the files that are not at work, and why.</summary>
    public IReadOnlyList<(LocalEndpoint Endpoint, string Problem)> Refused => _refused;

    /// <summary>Brings the endpoints at work to those of the files. What is not known completely removes nothing.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public void Replace(IReadOnlyList<(string File, LocalEndpoint Item)> endpoints, bool isIncomplete, IpCacheTable ipCache, IdentityTable identities)
    {
        List<(LocalEndpoint, string)> refused = [];
        HashSet<string> seen = [];
        Dictionary<IpPrefix, string> owners = [];
        foreach (var (file, endpoint) in endpoints)
        {
            var taken = endpoint.Ips.Where(owners.ContainsKey).Select(ip => $"{ip} is the address of {owners[ip]}").FirstOrDefault();
            if (!seen.Add(endpoint.FullName))
            {
                refused.Add((endpoint, $"{file}: {endpoint.FullName} stands in an earlier file or document"));
            }
            else if (taken is not null)
            {
                refused.Add((endpoint, $"{file}: {taken}"));
                seen.Remove(endpoint.FullName);
            }
            else
            {
                endpoint.Ips.ToList().ForEach(ip => owners[ip] = endpoint.FullName);
                Take(file, endpoint, ipCache, refused);
            }
        }

        _refused = refused;
        if (!isIncomplete)
        {
            foreach (var record in _records.Values.Where(record => !seen.Contains(record.Spec.FullName)).ToList())
            {
                Remove(record, ipCache, identities);
            }

            foreach (var (number, owner) in _numbers.Owners.Where(pair => !seen.Contains(pair.Value)).ToList())
            {
                datapath.Remove(number);
                _numbers.Release(number);
                PolicyLog.EndpointRemoved(logger, owner);
            }
        }
    }

    /// <summary>Gives each endpoint the identity it should have by now; true if any endpoint's labels or identity changed.</summary>
    public bool ResolveIdentities(ClusterName? localCluster, IdentityTable identities, IpCacheTable ipCache)
    {
        var changed = false;
        foreach (var record in _records.Values)
        {
            var labels = record.Spec.SecurityLabels(localCluster);
            var clusters = identities.FindLocal(labels);
            var key = clusters is null ? SecurityIdentity.KeyOf(labels) : null;
            if (record.Identity != 0 && key == record.LocalIdentityKey && (clusters ?? record.Identity) == record.Identity)
            {
                continue;
            }

            changed = true;
            var hint = record.Spec.Ips.Select(adopted).FirstOrDefault(SecurityIdentity.IsLocal);
            var identity = clusters ?? allocator.Acquire(key!, hint);
            Release(record, identities);
            (record.Labels, record.Identity, record.LocalIdentityKey) = (labels, identity, key);
            if (key is not null)
            {
                identities.Add(new(identity, labels));
            }

            foreach (var ip in record.Spec.Ips)
            {
                ipCache.UpsertOwn(record.Spec.FullName, ip, identity, IpCacheSource.Local);
            }

            PolicyLog.EndpointReady(logger, record.Spec.FullName, record.Number, identity);
        }

        return changed;
    }

    /// <summary>Forgets all identities: the tables are new.</summary>
    public void ForgetIdentities(IdentityTable identities)
    {
        foreach (var record in _records.Values)
        {
            Release(record, identities);
            record.Identity = 0;
        }
    }

    /// <summary>Puts the programs on endpoints that lack them, or whose interface or cgroup is another one by now; true if all have them.</summary>
    public bool Attach(Func<EndpointRecord, bool> isReady)
    {
        var all = true;
        foreach (var record in _records.Values.Where(isReady))
        {
            var spec = record.Spec;
            try
            {
                if (!record.IsAttached || !datapath.IsAttached(record.Number, spec.Interface, spec.Cgroup))
                {
                    datapath.Attach(record.Number, spec.FullName, spec.Interface, spec.Cgroup);
                }

                (record.IsAttached, record.Problem) = (true, null);
            }
            catch (IOException failure)
            {
                if (failure.Message != record.Problem)
                {
                    PolicyLog.EndpointFailed(logger, spec.FullName, failure.Message);
                }

                (record.IsAttached, record.Problem, all) = (false, failure.Message, false);
            }
        }

        return all;
    }

    private void Take(string file, LocalEndpoint endpoint, IpCacheTable ipCache, List<(LocalEndpoint, string)> refused)
    {
        if (_records.TryGetValue(endpoint.FullName, out var record))
        {
            if (record.Spec == endpoint)
            {
                return;
            }

            foreach (var ip in record.Spec.Ips)
            {
                ipCache.RemoveOwn(endpoint.FullName, ip, IpCacheSource.Local);
            }

            record.IsAttached &= (record.Spec.Interface, record.Spec.Cgroup) == (endpoint.Interface, endpoint.Cgroup);
            (record.Spec, record.Identity) = (endpoint, 0);
        }
        else if (_numbers.Assign(endpoint) is { } number)
        {
            _records.Add(endpoint.FullName, new(number, endpoint, new(datapath.Open(number))));
        }
        else
        {
            refused.Add((endpoint, string.Create(CultureInfo.InvariantCulture, $"{file}: the number {endpoint.Id} is another endpoint's; leave id out")));
        }
    }

    private void Remove(EndpointRecord record, IpCacheTable ipCache, IdentityTable identities)
    {
        foreach (var ip in record.Spec.Ips)
        {
            ipCache.RemoveOwn(record.Spec.FullName, ip, IpCacheSource.Local);
        }

        Release(record, identities);
        _records.Remove(record.Spec.FullName);
    }

    private void Release(EndpointRecord record, IdentityTable identities)
    {
        if (record.LocalIdentityKey is { } key && allocator.Release(key) is { } released)
        {
            identities.Remove(released);
        }

        record.LocalIdentityKey = null;
    }
}
