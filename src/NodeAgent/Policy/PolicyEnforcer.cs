using KvStoreMesh.Core.Clusters;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Endpoints;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.Manifests;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>
/// Joins policies, endpoints and identities, and keeps each endpoint's policy map. A round is <see cref="Update"/>,
/// <see cref="Put"/>, then the ipcache, then <see cref="Delete"/>: an identity has its entries before an address leads to it.
/// </summary>
/// <remarks>
/// While some policy file has never been usable in this process, maps of an earlier run are left as they are: what that file said
/// then is in them. Not thread-safe: owned by the apply loop.
/// </remarks>
public sealed class PolicyEnforcer
{
    private readonly PolicyEnforcerOptions _options;
    private readonly IPolicyDatapath _datapath;
    private readonly ILogger _logger;
    private readonly EndpointSet _endpoints;
    private readonly CidrIdentities _cidrs;
    private readonly SelectorCache _selectors = new();
    private readonly ManifestSet<LocalEndpoint> _endpointFiles = new(EndpointParser.Parse);
    private readonly ManifestSet<PolicySpec> _policyFiles;
    private readonly HashSet<ushort> _takenOver = [];
    private ClusterName? _localCluster;
    private IdentityTable _identities;
    private IpCacheTable _ipCache;
    private bool _endpointsChanged;
    private bool _rulesChanged;

    /// <summary>Creates an enforcer without policies and endpoints.</summary>
    /// <param name="options">How policy is meant.</param>
    /// <param name="datapath">Where it is enforced.</param>
    /// <param name="adopted">The rows an earlier run left in the ipcache: addresses keep the identities this node gave them.</param>
    /// <param name="identities">Everybody's identities.</param>
    /// <param name="ipCache">Takes the addresses of endpoints, and the prefixes of policies.</param>
    /// <param name="localCluster">The cluster of this node; null if not known.</param>
    /// <param name="logger">Told what is refused.</param>
    public PolicyEnforcer(
        PolicyEnforcerOptions options,
        IPolicyDatapath datapath,
        IReadOnlyDictionary<IpPrefix, IpCacheEntry> adopted,
        IdentityTable identities,
        IpCacheTable ipCache,
        ClusterName? localCluster,
        ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(adopted);
        (_options, _datapath, _identities, _ipCache, _localCluster, _logger) = (options, datapath, identities, ipCache, localCluster, logger);
        Dictionary<IpPrefix, uint> local = [];
        foreach (var (prefix, entry) in adopted.Where(row => SecurityIdentity.IsLocal(row.Value.Identity)))
        {
            local[prefix] = entry.Identity;
        }

        var allocator = new LocalIdentityAllocator(local.Values);
        _cidrs = new(allocator, prefix => local.GetValueOrDefault(prefix));
        _endpoints = new(datapath, allocator, prefix => local.GetValueOrDefault(prefix), logger);
        _policyFiles = new(Parser());
    }

    /// <summary>The endpoints at work, by name.</summary>
    internal IReadOnlyCollection<EndpointRecord> Endpoints => _endpoints.Records;

    /// <summary>Endpoints of the files that are not at work, and why.</summary>
    internal IReadOnlyList<(LocalEndpoint Endpoint, string Problem)> RefusedEndpoints => _endpoints.Refused;

    /// <summary>The specs in force.</summary>
    public IReadOnlyList<PolicySpec> Specs => [.. _policyFiles.Items.Select(item => item.Item)];

    /// <summary>The files of the policy directory.</summary>
    public IReadOnlyList<ManifestFileStatus> PolicyFiles => _policyFiles.Files;

    /// <summary>The files of the endpoint directory.</summary>
    public IReadOnlyList<ManifestFileStatus> EndpointFiles => _endpointFiles.Files;

    /// <summary>Why a directory cannot be read; null if both can.</summary>
    public string? DirectoryProblem => _policyFiles.Problem ?? _endpointFiles.Problem;

    /// <summary>How policy is meant.</summary>
    public PolicyEnforcerOptions Options => _options;

    /// <summary>Some policy file has never been usable, or the directory not been read: maps of an earlier run are left alone.</summary>
    public bool IsFrozen => _policyFiles.IsIncomplete;

    /// <summary>All that policies and endpoints say is known: what nobody claims by now, nobody will.</summary>
    public bool IsWhole => !_policyFiles.IsIncomplete && !_endpointFiles.IsIncomplete;

    /// <summary>Takes what the policy directory holds.</summary>
    public void SetPolicies(ManifestReading reading)
    {
        _rulesChanged = true;
        Take(_policyFiles, reading, "policy");
    }

    /// <summary>Takes what the endpoint directory holds.</summary>
    public void SetEndpoints(ManifestReading reading)
    {
        _endpointsChanged = true;
        Take(_endpointFiles, reading, "endpoint");
    }

    /// <summary>The local cluster is another one by now, and with it the tables are new.</summary>
    public void Rebind(ClusterName? localCluster, IdentityTable identities, IpCacheTable ipCache)
    {
        (_localCluster, _identities, _ipCache) = (localCluster, identities, ipCache);
        _policyFiles.Reparse(Parser());
        _cidrs.TellAll(identities, ipCache);
        _endpoints.ForgetIdentities(identities);
        _rulesChanged = true;
    }

    /// <summary>Works out what changed since the last call. Nothing of it is in the datapath yet.</summary>
    /// <exception cref="IOException">The kernel refused to open or remove a map.</exception>
    public void Update()
    {
        if (_endpointsChanged)
        {
            _endpoints.Replace(_endpointFiles.Items, _endpointFiles.IsIncomplete, _ipCache, _identities);
            (_endpointsChanged, _rulesChanged) = (false, true);
        }

        _rulesChanged |= _endpoints.ResolveIdentities(_localCluster, _identities, _ipCache);
        if (_rulesChanged)
        {
            var prefixes = _policyFiles.Items.SelectMany(item => item.Item.Rules).SelectMany(rule => rule.Peers)
                .OfType<CidrPeer>().SelectMany(peer => peer.Prefixes);
            _cidrs.Hold(prefixes.ToHashSet(), _identities, _ipCache);
        }

        var moved = _selectors.Update(_identities.TakeChanged(), _identities.Find);
        if (_rulesChanged)
        {
            _rulesChanged = false;
            Rebuild();
            return;
        }

        foreach (var record in moved.Count > 0 ? _endpoints.Records : [])
        {
            foreach (var id in moved)
            {
                record.Writer.Want(id, record.Policy!.EntriesOf(id));
            }
        }
    }

    /// <summary>Writes entries that are missing; returns null, or what failed.</summary>
    public string? Put() => Each(record =>
    {
        _takenOver.Add(record.Number);
        return record.Writer.Put();
    });

    /// <summary>Deletes entries that are not wanted; returns null, or what failed.</summary>
    public string? Delete() => Each(record => record.Writer.Delete());

    /// <summary>Puts the programs on endpoints; true if all have them.</summary>
    public bool Attach() => !_policyFiles.IsRead || _endpoints.Attach(record => record.Policy is not null);

    /// <summary>Gives up entries of an earlier run that belong to identities of which all has been told.</summary>
    public void Release(Func<uint, bool> isComplete)
    {
        foreach (var record in _endpoints.Records.Where(record => record.Policy is not null))
        {
            record.Writer.Release(isComplete);
        }
    }

    /// <summary>Reads the maps again; the next writes repair what differs.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public void Reread()
    {
        foreach (var record in _endpoints.Records)
        {
            record.Writer.Reread();
        }
    }

    /// <summary>Who is behind an address, as the ipcache says; null if nobody this node knows.</summary>
    internal IpCacheEntry? Find(IpPrefix prefix) => _ipCache.FindLongest(prefix);

    private Func<string, string, IReadOnlyList<PolicySpec>> Parser()
    {
        var scope = new PolicyScope(_localCluster, _options.DefaultsToLocalCluster);
        return (file, text) => PolicyParser.Parse(file, text, scope);
    }

    private void Take<T>(ManifestSet<T> set, ManifestReading reading, string kind)
    {
        var before = set.Files.ToDictionary(file => file.File, file => file.Problem);
        var directoryBefore = set.Problem;
        set.Apply(reading);
        foreach (var file in set.Files.Where(file => file.Problem is not null && before.GetValueOrDefault(file.File) != file.Problem))
        {
            PolicyLog.FileRefused(
                _logger, kind, file.File, file.Problem!, file.HasLastGood ? "what it held before stays in force" : "nothing of it is in force");
        }

        if (set.Problem is { } problem && problem != directoryBefore)
        {
            PolicyLog.DirectoryFailed(_logger, kind, problem);
        }

        PolicyLog.FilesTaken(_logger, set.Items.Count, set.Files.Count(file => file.Problem is null || file.HasLastGood), kind);
    }

    private void Rebuild()
    {
        List<(EndpointRecord Record, PolicySpec[] Specs)> applying =
            [.. _endpoints.Records.Select(record => (record, Specs.Where(spec => spec.Subject.Matches(record.Labels)).ToArray()))];
        _selectors.Hold(
            applying.SelectMany(entry => entry.Specs).SelectMany(spec => spec.Rules).SelectMany(rule => rule.Peers), _identities.All);
        foreach (var (record, specs) in applying)
        {
            var policy = new EndpointPolicy(specs, _options.Mode, _selectors);
            record.Policy = policy;
            foreach (var id in policy.Identities().Union(record.Writer.Identities).ToList())
            {
                record.Writer.Want(id, policy.EntriesOf(id));
            }
        }
    }

    private string? Each(Func<EndpointRecord, string?> write)
    {
        string? error = null;
        foreach (var record in _endpoints.Records.Where(IsWritable))
        {
            if (write(record) is { } failure)
            {
                error ??= $"policy of endpoint {record.Spec.FullName}: {failure}";
            }
        }

        return error;
    }

    private bool IsWritable(EndpointRecord record) =>
        _policyFiles.IsRead && (!IsFrozen || !record.Writer.WasAdopted || _takenOver.Contains(record.Number));
}
