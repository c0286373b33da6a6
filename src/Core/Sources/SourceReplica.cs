using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <summary>
/// What is known of one source, and the rules that turn lists and watch events into <see cref="ClusterDelta"/>s.
/// </summary>
/// <remarks>
/// The order of calls, driven by the owner (one thread at a time):
/// <code>
/// BeginResync(config at revision R)          after each (re)connection, or when the config changed
///   SeeCanaries(canaries listed at R)        → the resources that may be listed
///   BeginList, AddPage…, EndList at R        → one delta: what differs, deletions last
/// watch from R + 1:
///   Apply(batch)                             → a delta, and resources whose canary appeared:
///     BeginList, AddPage…, EndList at ListRevision, before the watch is read further
/// </code>
/// Listing at a revision that the watch has not passed for that resource needs no overlap and no buffer: what is
/// listed is exactly the state before the next event. Until <see cref="EndList"/> nothing that was known is given up,
/// and an aborted list (a new BeginResync or BeginList) changes nothing.
/// <para>
/// A history ends, and a new epoch starts, when another etcd cluster answers, when its revision falls, when the config
/// moves the resources to another prefix or changes which there are, or when a list shows something that the old history
/// cannot hold. The last one catches a wiped etcd that has the same cluster ID (etcd derives it from names and URLs) and
/// has already passed the revision of its predecessor.
/// </para>
/// </remarks>
public sealed partial class SourceReplica
{
    // What keys that are not UTF-8 are decoded to. One that really holds it is refused as well: Cilium writes ASCII.
    private const char Undecodable = '\uFFFD';

    private readonly Random _random;
    private readonly string _configKey;
    private readonly SourceHistory _history = new();
    private readonly ResourceReplica _config = new(ResourceKind.ClusterConfig);
    private readonly ResourceReplica[] _resources =
        [.. Enum.GetValues<ResourceKind>().Where(kind => kind != ResourceKind.ClusterConfig).Order().Select(kind => new ResourceReplica(kind))];

    private SourceEntry _configEntry;
    private SourcePosition? _position;
    private bool _resyncing;

    private List<ResourceReplica>? _listing;
    private long _listRevision;

    /// <summary>Creates an empty replica.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="random">Mints epochs.</param>
    public SourceReplica(ClusterName cluster, Random random)
    {
        Cluster = cluster;
        _random = random;
        _configKey = CiliumKeys.ClusterConfig(cluster);
    }

    /// <summary>The cluster.</summary>
    public ClusterName Cluster { get; }

    /// <summary>The config in force; null before the first <see cref="BeginResync"/>.</summary>
    public CiliumClusterConfig? Config { get; private set; }

    /// <summary>Where the config's resources live at the source; null before the first <see cref="BeginResync"/>.</summary>
    public SourceLayout? Layout { get; private set; }

    /// <summary>Where the replica stands; null before the first complete list.</summary>
    public SourcePosition? Position => _position is { } position ? position with { Fingerprint = Fingerprint } : null;

    /// <summary>Every resource of the source is known since the last resync.</summary>
    public bool IsFullySynced => Layout is { } layout && layout.Resources.All(IsSynced);

    /// <summary>How often a key was refused since the start because it is not text (UTF-8); counts at each sight of it.</summary>
    public long RefusedKeys { get; private set; }

    /// <summary>Keys known of a resource.</summary>
    public int Count(ResourceKind kind) => Of(kind).Count;

    /// <summary>
    /// Every key that the source holds of this resource is known since the last resync, or the source does not have
    /// the resource.
    /// </summary>
    public bool IsSynced(ResourceKind kind) =>
        Layout is { } layout && (layout.Resources.Contains(kind) ? Of(kind) is { IsSynced: true, IsProved: true } : !IsProving);

    /// <summary>
    /// Starts anew at a revision, with the config read at it. Decides whether the history is still the same: another
    /// etcd cluster, a lower revision or another layout is a new epoch.
    /// </summary>
    public void BeginResync(ulong etcdClusterId, long revision, CiliumClusterConfig config, SourceEntry configEntry)
    {
        var layout = new SourceLayout(Cluster, config.Capabilities);
        _history.Meet(etcdClusterId, revision, config.Capabilities.Cached, layout);
        (Config, Layout) = (config, layout);
        foreach (var resource in _resources)
        {
            resource.BeginResync();
        }

        _configEntry = configEntry;
        _config.BeginList();
        _config.Stage(string.Empty, configEntry);
        (_resyncing, _listing) = (true, null);
        EndProving();
    }

    /// <summary>
    /// Takes note of canaries and returns the resources that have become ready to be listed: those announced for the
    /// first time since the resync, or all at once if the source does not write canaries.
    /// </summary>
    public IReadOnlyList<ResourceKind> SeeCanaries(IEnumerable<string> keys)
    {
        var (layout, config) = Resynced();
        IEnumerable<ResourceKind> announced = layout.Resources;
        if (config.Capabilities.SyncedCanaries)
        {
            var canaries = new HashSet<ResourceKind>();
            foreach (var key in keys)
            {
                if (layout.TryMapCanary(key, out var kind))
                {
                    canaries.Add(kind);
                }
            }

            announced = canaries.Order();
        }

        List<ResourceKind> ready = [.. announced.Where(kind => !Of(kind).IsReady)];
        ready.ForEach(kind => Of(kind).IsReady = true);
        return ready;
    }

    /// <summary>Starts a list of resources, all at one revision; discards an unfinished one.</summary>
    /// <exception cref="InvalidOperationException">A resource has not been announced by a canary since the resync.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The watch has already passed the revision for one of the resources.</exception>
    public void BeginList(IReadOnlyList<ResourceKind> kinds, long revision)
    {
        Resynced();
        AbortList();
        List<ResourceReplica> listing = [.. kinds.Order().Select(Of)];
        foreach (var resource in listing)
        {
            if (!resource.IsReady)
            {
                throw new InvalidOperationException($"{Cluster}: {resource.Kind} must not be listed before its canary has been seen");
            }

            ArgumentOutOfRangeException.ThrowIfLessThan(revision, LowestListRevision(resource));
        }

        (_listing, _listRevision) = (listing, revision);
        listing.ForEach(resource => resource.BeginList());
    }

    /// <summary>
    /// Takes one page of a resource's list. False: there is more than the quota allows (<see cref="Excess"/>). The list is void then, what
    /// is held stays, and nothing counts as known before <see cref="BeginResync"/> and a list that fits.
    /// </summary>
    /// <exception cref="ArgumentException">The page is from another revision, or of a resource that is not being listed.</exception>
    public bool AddPage(ResourceKind kind, SourcePage page)
    {
        var (layout, _) = Resynced();
        if (_listing is null || !_listing.Contains(Of(kind)) || page.Revision != _listRevision)
        {
            throw new ArgumentException($"{Cluster}: a page of {kind} at {page.Revision} does not belong to the list at {_listRevision}", nameof(page));
        }

        foreach (var entry in page.Entries)
        {
            if (TryMap(layout, entry.Key, out var key) && key.Kind == kind)
            {
                Of(kind).Stage(key.Name, entry);
            }
        }

        return TakesList(layout);
    }

    /// <summary>
    /// Ends the list: what it held and is not known yet is put, what is known and was not listed is deleted, and
    /// nothing else is touched. After a resync the delta also carries the config, and what the source no longer offers is
    /// deleted. In a new epoch every listed key is put, equal ones too, as its revisions are those of the new history.
    /// </summary>
    public ClusterDelta EndList(long readTimestamp)
    {
        var (layout, _) = Resynced();
        var listing = _listing ?? throw new InvalidOperationException($"{Cluster}: there is no list to end");
        var fromNothing = _position is null;
        var reason = BeginEpoch(listing);

        // Complete, as there is nothing; told again in a new epoch, which begins with nothing called complete.
        List<ResourceReplica> dropped = _resyncing || reason is not null
            ? [.. _resources.Where(resource => !layout.Resources.Contains(resource.Kind))]
            : [];
        var epoch = _position!.Value.Epoch;

        var puts = new List<MeshChange>();
        var deletes = new List<MeshChange>();
        if (_resyncing)
        {
            _config.EndList(epoch, _listRevision, puts, deletes);
            _position = new(epoch, Math.Max(_position.Value.Revision, _listRevision));
        }

        listing.ForEach(resource => resource.EndList(epoch, _listRevision, puts, deletes));
        dropped.ForEach(resource => resource.Drop(_listRevision, deletes));

        // Listed since the resync, so they are of the history that only this list has shown to be new.
        List<ResourceReplica> adopted = reason is null ? [] : [.. _resources.Where(resource => resource.IsSynced && !listing.Contains(resource))];
        adopted.ForEach(resource => resource.Adopt(epoch, puts));
        if (reason is not null && !_resyncing)
        {
            _config.Adopt(epoch, puts);
        }

        // Both stable: the order of keys within a resource stays that of the list.
        var changes = puts.OrderBy(put => put.Key.Kind).Concat(deletes.OrderByDescending(delete => delete.Key.Kind));
        _history.Reach(_listRevision);
        (_listing, _resyncing, Excess) = (null, false, null);
        return new(
            Cluster,
            Position!.Value,
            [.. changes],
            [.. listing.Concat(dropped).Concat(adopted).Select(resource => resource.Kind).Order()],
            reason,
            readTimestamp) { BeginsFromNothing = fromNothing };
    }

    /// <summary>
    /// Applies a watch batch. Events of resources not listed yet are dropped: their list will hold them. So are those
    /// that a list or an earlier batch already held. If the batch cannot follow from what is known, it is not applied,
    /// and <see cref="WatchStep.Doubt"/> says why; nor if it is more than the quota allows, <see cref="WatchStep.IsRefused"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">A list has begun and not ended: it must see no event that is later than it.</exception>
    public WatchStep Apply(SourceBatch batch)
    {
        var (layout, _) = Resynced();
        if (_listing is not null)
        {
            throw new InvalidOperationException($"{Cluster}: the watch must not be read while a list is unfinished");
        }

        if (FindDoubt(batch) is { } doubt)
        {
            return new(null, [], 0, ConfigChange.None, false, doubt);
        }

        if (!TakesBatch(layout, batch))
        {
            return new(null, [], 0, ConfigChange.None, false) { IsRefused = true };
        }

        var changes = new List<MeshChange>();
        var canaries = new List<string>();
        var config = ConfigChange.None;
        var heartbeat = false;
        Span<long> reached = stackalloc long[_resources.Length];
        foreach (var change in batch.Events)
        {
            if (change.Key == CiliumKeys.Heartbeat)
            {
                heartbeat |= !change.IsDelete;
            }
            else if (change.Key == _configKey)
            {
                config = Judge(change);
            }
            else if (layout.TryMapCanary(change.Key, out _))
            {
                // Its deletion means nothing: the writer's lease ran out, what it announced was true.
                if (!change.IsDelete)
                {
                    canaries.Add(change.Key);
                }
            }
            else if (TryMap(layout, change.Key, out var key))
            {
                reached[IndexOf(key.Kind)] = change.ModRevision;
                if (Of(key.Kind).TryApply(key.Name, change, out var applied))
                {
                    changes.Add(applied);
                }
            }
        }

        Advance(batch, reached);
        var ready = canaries.Count == 0 ? [] : SeeCanaries(canaries);
        var delta = changes.Count == 0 ? null : new ClusterDelta(Cluster, Position!.Value, changes, [], null, batch.ReadTimestamp);
        return new(
            IsProving && Probe is null && _unshown.Count == 0 ? Proved(changes, batch.ReadTimestamp) : delta,
            ready,
            ready.Count == 0 ? 0 : ready.Max(kind => Math.Max(batch.Revision, LowestListRevision(Of(kind)))),
            config,
            heartbeat);
    }

    // A range that delivers tells nothing of the others: those of a mirror are one a resource, those of a cluster's own
    // state are one for all. Only a progress notification is for all of a stream.
    private void Advance(SourceBatch batch, Span<long> reached)
    {
        _history.Reach(batch.Revision);
        if (_probeAgain is { } probe && (batch.Events.Count == 0 || reached.ContainsAnyExcept(0)))
        {
            (Probe, _probeAgain) = (probe, null);
        }

        if (batch.Events.Count == 0)
        {
            reached.Fill(batch.Revision);
        }

        var highest = 0L;
        foreach (var revision in reached)
        {
            highest = Math.Max(highest, revision);
        }

        for (var i = 0; i < reached.Length; i++)
        {
            _resources[i].CompleteTo(Config!.Capabilities.Cached ? reached[i] : highest);
        }

        if (_position is { } position)
        {
            _position = position with { Revision = Math.Max(position.Revision, highest) };
        }
    }

    // Mints an epoch if the history is a new one, and returns why.
    private string? BeginEpoch(List<ResourceReplica> listing)
    {
        if (_position is { } known)
        {
            IEnumerable<ResourceReplica> lists = _resyncing ? [_config, .. listing] : listing;
            if (lists.Select(list => list.FindContradiction(known.Epoch, _listRevision)).FirstOrDefault(found => found is not null) is { } contradiction)
            {
                _history.Contradict(contradiction);
            }
        }

        var reason = _history.TakeBreak();
        if (reason is not null)
        {
            _position = new(new SourceEpoch((ulong)_random.NextInt64(1, long.MaxValue)), _listRevision);
        }

        return reason;
    }

    private ConfigChange Judge(in SourceEvent change)
    {
        if (change.Value is not { } value)
        {
            return ConfigChange.Disappeared;
        }

        if (value.AsSpan().SequenceEqual(_configEntry.Value))
        {
            _configEntry = _configEntry with { ModRevision = change.ModRevision, CreateRevision = change.CreateRevision };
            return ConfigChange.Confirmed;
        }

        return CiliumClusterConfig.TryParse(value, out _, out _) ? ConfigChange.Changed : ConfigChange.Invalid;
    }

    private bool TryMap(SourceLayout layout, string key, out MeshKey meshKey)
    {
        if (!layout.TryMap(key, out meshKey))
        {
            return false;
        }

        if (!meshKey.Name.Contains(Undecodable))
        {
            return true;
        }

        RefusedKeys++;
        return false;
    }

    private long LowestListRevision(ResourceReplica resource) =>
        resource.LowestListRevision(_history.Break is null && _position is { } position ? position.Epoch : default);

    private void AbortList()
    {
        _listing?.ForEach(resource => resource.AbortList());
        _listing = null;
    }

    private (SourceLayout Layout, CiliumClusterConfig Config) Resynced() =>
        Layout is { } layout && Config is { } config ? (layout, config) : throw new InvalidOperationException($"{Cluster}: BeginResync comes first");

    private ResourceReplica Of(ResourceKind kind) => kind == ResourceKind.ClusterConfig ? _config : _resources[IndexOf(kind)];

    private static int IndexOf(ResourceKind kind) => kind - ResourceKind.Identities;
}
