using System.Globalization;
using System.Text;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// The mirror of all remote clusters in the local etcd, as decisions: told what changed and how calls ended, it says which
/// call to make next. One thread at a time; no I/O, and no time but the given one.
/// </summary>
/// <remarks>
/// The owner's loop: <see cref="Absorb"/> what the feed has, run every command that <see cref="TryNext"/> hands out and give
/// it back to <see cref="Complete"/>, and come again at <see cref="NextDue"/>.
/// <para>
/// What should be there is held per key next to what the store holds, so the sum of the differences is the whole queue: it
/// never holds more than one item per key, and any failure is answered by comparing again. A key has at most one write under way.
/// </para>
/// </remarks>
public sealed partial class SinkMirror
{
    private readonly SinkOptions _options;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly Dictionary<ClusterName, SinkCluster> _clusters = [];
    private readonly List<SinkCluster> _draining = [];
    private readonly Queue<SinkCluster> _unlisted = [];
    private readonly Queue<SinkCluster> _unverified = [];
    private readonly PriorityQueue<SinkEntry, TimeSpan> _parked = new();
    private readonly CacheTtlWatch _ttl;
    private readonly StoreSession _session;
    private readonly LeaseKeeper _leases;
    private readonly BatchPlanner _planner;
    private readonly WritePace _pace;
    private readonly TokenBucket? _rate;
    private readonly SinkEntry? _heartbeat;
    private readonly LeaderElection? _election;
    private readonly SinkCounters _counters = new();
    private ConfigCheck _configCheck = new();

    /// <summary>Creates an empty mirror.</summary>
    /// <param name="options">Limits and times.</param>
    /// <param name="connector">Reaches the store; only ever called by commands.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">The jitter of reconnects.</param>
    public SinkMirror(SinkOptions options, ILocalStoreConnector connector, TimeProvider time, Random random)
    {
        (_options, _time, _origin) = (options, time, time.GetTimestamp());
        _ttl = new CacheTtlWatch(options.CacheTtl);
        _session = new StoreSession(connector, new StoreBackoff(options.FirstBackoff, options.MaxBackoff, random));
        _leases = new LeaseKeeper(options);
        _planner = new BatchPlanner(options, _leases.Book);
        _pace = new WritePace(options.MaxInFlight, options.TargetLatency);
        _rate = (options.BootstrapQps ?? options.Qps) is { } rate ? new TokenBucket(rate) : null;
        _heartbeat = options.Heartbeat ? new SinkEntry(null, default) : null;
        _election = options.ElectLeader ? new LeaderElection(options.LockTtl) : null;
    }

    /// <summary>Every cluster known has had its config and all its canaries written once. Stays true. No cluster, nothing to wait for.</summary>
    public bool IsBootstrapped { get; private set; }

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>Takes note of what became of a cluster.</summary>
    public void Absorb(SinkChanges changes)
    {
        if (changes.Removed)
        {
            Remove(changes.Cluster);
        }

        var cluster = Find(changes.Cluster);
        if (cluster is null && changes.Configured)
        {
            cluster = Add(changes.Cluster);
        }

        if (cluster is null)
        {
            return;
        }

        foreach (var (key, value) in changes.Values)
        {
            cluster.Set(key, value);
        }

        foreach (var kind in changes.Synced)
        {
            cluster.MarkSynced(kind);
        }

        if (changes.WasLive)
        {
            _ttl.Reached(changes.Cluster, SourceReach.Live, Now);
            cluster.Revoke(false);
        }

        if (changes.Reach is { } reach)
        {
            _ttl.Reached(changes.Cluster, reach, Now);
        }

        _planner.Enroll(cluster);
    }

    /// <summary>
    /// For an owner that failed in the middle of something and lost its running calls: keeps what should be there, forgets
    /// what the store holds, connects anew.
    /// </summary>
    public void Recover()
    {
        _leases.Recover(Now);
        _election?.Recover();
        _planner.Clear();
        _inFlight = 0;
        _lists = 0;
        _isCheckingConfigs = false;
        _pages.Clear();
        foreach (var cluster in _clusters.Values)
        {
            cluster.Recover();
        }

        if (_heartbeat is not null)
        {
            _heartbeat.InFlight = false;
        }

        _session.Recover(Now);
        RelistAll();
    }

    /// <summary>
    /// For an owner that stops: the connection, to be closed; null if there is none. Nothing is deleted but, if
    /// <paramref name="lockLease"/> is not 0, the lock of that lease, once the caller revokes it: a standby then leads at once.
    /// </summary>
    public ILocalStore? Release(out long lockLease)
    {
        lockLease = _election?.Lease ?? 0;
        return _session.Release();
    }

    private SinkCluster? Find(ClusterName name) =>
        _clusters.TryGetValue(name, out var cluster) ? cluster.Phase == SinkClusterPhase.Draining ? cluster.Successor : cluster : null;

    private SinkCluster Add(ClusterName name)
    {
        var added = new SinkCluster(name, _leases.Book, LocalTime);
        if (_clusters.TryGetValue(name, out var draining))
        {
            // It waits for the drain to end, as in Cilium, and is mirrored from scratch then.
            draining.Successor = added;
        }
        else
        {
            _clusters.Add(name, added);
            _unlisted.Enqueue(added);
        }

        return added;
    }

    private void Remove(ClusterName name)
    {
        _ttl.Forget(name);
        if (!_clusters.TryGetValue(name, out var cluster))
        {
            _clusters.Add(name, cluster = new SinkCluster(name, _leases.Book, LocalTime));
        }

        cluster.Successor = null;
        if (cluster.Phase == SinkClusterPhase.Draining)
        {
            return;
        }

        if (_options.Drain)
        {
            cluster.BeginDraining(_options.DrainGrace, Now);
            _draining.Add(cluster);
        }
        else
        {
            _clusters.Remove(name);
            cluster.Retire();
        }
    }

    private void RelistAll()
    {
        _unlisted.Clear();
        _unverified.Clear();
        foreach (var cluster in _clusters.Values.Where(cluster => cluster.Phase != SinkClusterPhase.Draining))
        {
            Relist(cluster);
        }
    }

    private void Relist(SinkCluster cluster)
    {
        cluster.Forget();
        _unlisted.Enqueue(cluster);
    }

    // The value of canaries and the heartbeat; readers ignore it.
    private byte[] LocalTime()
    {
        // RFC 3339, as Go's time.RFC3339.
        var now = _time.GetLocalNow();
        var format = now.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:sszzz";
        return Encoding.UTF8.GetBytes(now.ToString(format, CultureInfo.InvariantCulture));
    }
}
