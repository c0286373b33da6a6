using KvStoreMesh.Core.Clusters;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Desired;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.Kubernetes;
using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Manifests;
using KvStoreMesh.NodeAgent.Policy;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Services;
using KvStoreMesh.NodeAgent.Status;
using KvStoreMesh.NodeAgent.Subscription;
using KvStoreMesh.NodeAgent.Termination;
using KvStoreMesh.NodeAgent.Timing;

namespace KvStoreMesh.NodeAgent.Agent;

/// <summary>
/// Joins the stages: an event changes the replica, the replica the desired state, and that the datapath, before the
/// next event is looked at.
/// </summary>
/// <remarks>
/// What a reconciler could not write is tried again with growing waits, each time after reading the maps anew; until it is
/// written, nothing further is acknowledged, since an ack says "in the kernel". Not thread-safe: owned by <see cref="ApplyLoop"/>.
/// </remarks>
public sealed class MeshAgent
{
    private static readonly L4Protocol[] Steered = [L4Protocol.Tcp, L4Protocol.Udp];

    private readonly MeshAgentOptions _options;
    private readonly IDatapath _datapath;
    private readonly LoadBalancerReconciler _loadBalancer;
    private readonly IpCacheReconciler _ipCache;
    private readonly ILogger _logger;
    private readonly Backoff _backoff;
    private readonly Alarm _retry;
    private readonly Alarm _reconcile;
    private readonly Alarm _syncTimeout;
    private readonly Alarm _inspect;
    private readonly KubernetesServices? _manifests;
    private readonly SourceStandings _standings;
    private readonly HashSet<string> _contested = [];
    private readonly PolicyRounds? _policy;
    private readonly Retention _retention;
    private readonly DatapathHealth _health = new();
    private DesiredState _desired;
    private ClusterName? _localCluster;
    private long _receivedSeq;
    private long _appliedSeq;

    /// <summary>Creates the agent and adopts what the datapath holds.</summary>
    /// <exception cref="IOException">The datapath cannot be read.</exception>
    public MeshAgent(MeshAgentOptions options, IDatapath datapath, TimeProvider time, Random random, ILogger<MeshAgent> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(datapath);
        _options = options;
        _datapath = datapath;
        _logger = logger;
        _localCluster = options.ClusterName;
        _manifests = options.HasManifests ? new KubernetesServices() : null;
        _standings = new SourceStandings(options.ServiceTtl, time);
        _desired = NewDesiredState();
        _loadBalancer = new LoadBalancerReconciler(datapath.LoadBalancer);
        _ipCache = new IpCacheReconciler(datapath.IpCache, prefix => _desired.IpCache.Find(prefix));
        _retention = new Retention(_loadBalancer, _ipCache, logger);
        if (datapath.Policy is { } policy)
        {
            var enforcer = new PolicyEnforcer(
                options.Policy, policy, _ipCache.Known, _desired.Identities, _desired.IpCache, _localCluster, logger);
            _policy = new PolicyRounds(enforcer, _ipCache, new Alarm(time), options.AttachInterval);
        }

        _backoff = new Backoff(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), random);
        (_retry, _reconcile, _syncTimeout) = (new Alarm(time), new Alarm(time), new Alarm(time));
        _inspect = new Alarm(time);
        _inspect.Set(options.InspectInterval);
        _reconcile.Set(options.ReconcileInterval);
        _syncTimeout.Set(options.SyncTimeout);
        AgentLog.Adopted(logger, _loadBalancer.Known.Services.Count, _loadBalancer.Known.Backends.Count, _ipCache.Known.Count);
    }

    /// <summary>What is held of each cluster.</summary>
    public MeshReplica Replica { get; } = new();

    /// <summary>What the datapath should hold.</summary>
    public DesiredState Desired => _desired;

    /// <summary>Until <see cref="Tick"/> has something to do.</summary>
    public TimeSpan NextTick => new[]
    {
        _retry.Remaining, _reconcile.Remaining, _syncTimeout.Remaining, _inspect.Remaining, _standings.Remaining, _policy?.Remaining,
    }.Min() ?? TimeSpan.MaxValue;

    /// <summary>Applies an event to everything, the datapath included.</summary>
    public ApplyOutcome Apply(SessionEvent sessionEvent)
    {
        if (sessionEvent is SessionOpened opened)
        {
            _receivedSeq = _appliedSeq = 0;
            LearnLocalCluster(opened.LocalCluster);
            foreach (var missed in Replica.RemovedMeanwhile(opened))
            {
                Apply(new ClusterRemoved(missed, 0));
            }
        }

        var changes = Replica.Apply(sessionEvent);
        if (sessionEvent is HeartbeatReceived)
        {
            _standings.Observe(Replica);
            _standings.Apply(_desired.Services);
        }

        IReadOnlyList<InvalidValue> refused = changes.Count > 0 ? _desired.Apply(Replica, changes) : [];
        if (sessionEvent is ClusterRemoved removed)
        {
            _desired.Remove(Replica, removed.Cluster);
            AgentLog.ClusterRemoved(_logger, removed.Cluster, changes.Count);
        }

        foreach (var invalid in refused)
        {
            AgentLog.InvalidValue(_logger, invalid.Cluster, invalid.Key, invalid.Reason);
        }

        Reconcile();
        _receivedSeq = Math.Max(_receivedSeq, sessionEvent switch
        {
            RecordsReceived records => records.LastSeq,
            HeartbeatReceived heartbeat => heartbeat.Seq,
            _ => 0,
        });
        return new(Acknowledge(), refused);
    }

    /// <summary>Takes what the policy directory holds.</summary>
    public void SetPolicies(ManifestReading reading)
    {
        _policy?.Enforcer.SetPolicies(reading);
        Reconcile();
        _policy?.Attach();
    }

    /// <summary>Takes what the endpoint directory holds.</summary>
    public void SetEndpoints(ManifestReading reading)
    {
        _policy?.Enforcer.SetEndpoints(reading);
        Reconcile();
        _policy?.Attach();
    }

    /// <summary>Takes what the directory of the own cluster's manifests holds.</summary>
    public void SetServices(ManifestReading reading)
    {
        if (_manifests is null)
        {
            return;
        }

        _manifests.Apply(reading, _desired.Services);
        AgentLog.ManifestsRead(_logger, _manifests.Services.Count);
        foreach (var problem in _manifests.Problems)
        {
            AgentLog.ManifestProblem(_logger, problem);
        }

        Reconcile();
    }

    /// <summary>Does what has become due: retries, periodic repair, giving up on clusters that do not come.</summary>
    public void Tick()
    {
        if (_syncTimeout.IsDue)
        {
            _syncTimeout.Clear();
            _retention.TimeOut(Replica);
            Reconcile();
        }

        if (_inspect.IsDue)
        {
            Inspect();
        }

        // Services whose cluster has been silent for too long.
        if (_standings.Apply(_desired.Services))
        {
            Reconcile();
        }

        if (_retry.IsDue || _reconcile.IsDue)
        {
            Reread();
        }

        _policy?.Tick();
    }

    /// <summary>How everything stands.</summary>
    public AgentStatus Status() => AgentStatusReport.Make(
        _options.NodeName, _localCluster, Replica, _desired, _datapath, _loadBalancer, _ipCache, _health) with
    {
        Policy = _policy is null ? null : PolicyStatusReport.Make(_policy.Enforcer, _datapath.Policy!),
        ManifestProblems = _manifests?.Problems ?? [],
    };

    /// <summary>The frontends with the ids and backends they have in the datapath.</summary>
    public IReadOnlyList<ServiceStatus> ServiceList() => ServiceStatusReport.Make(_desired.Services, _loadBalancer);

    /// <summary>The local endpoints.</summary>
    public IReadOnlyList<EndpointStatus> EndpointList() => _policy is null ? [] : PolicyStatusReport.Endpoints(_policy.Enforcer);

    /// <summary>The identities by number.</summary>
    public IReadOnlyList<IdentityStatus> IdentityList() => PolicyStatusReport.Identities(_desired.Identities);

    /// <summary>The nodes by name.</summary>
    public IReadOnlyList<NodeStatus> NodeList() => _desired.Nodes.List(_localCluster, _options.NodeName);

    /// <summary>Explains what policy makes of traffic.</summary>
    /// <exception cref="FormatException">The query names what does not exist; the message says what.</exception>
    public TraceStatus Trace(TraceQuery query) => _policy is { } policy
        ? new PolicyTracer(policy.Enforcer, _desired.Identities, _localCluster).Trace(query)
        : throw new FormatException("this agent enforces no policy; start it with --endpoints-dir");

    /// <summary>Why a service has the backends it has; null if nobody knows it.</summary>
    public WhyStatus? Why(string service) => WhyReport.Make(service, _desired.Services);

    /// <summary>Grows whenever backends may have been withdrawn; null before every cluster has told what it offers.</summary>
    public long? Withdrawals => _retention.IsLoadBalancerSettled ? _desired.Services.Withdrawals : null;

    /// <summary>Those of the leases whose backend no record of the service offers any more, or whose frontend is gone.</summary>
    internal IReadOnlySet<BackendLease> WithdrawnOf(IReadOnlyCollection<BackendLease> leases)
    {
        Dictionary<L3n4Addr, IReadOnlySet<L3n4Addr>> offered = [];
        return leases.Where(lease => !Array.Exists(Steered, protocol => IsOffered(lease, protocol))).ToHashSet();

        // A lease does not tell its protocol; the frontend's id does.
        bool IsOffered(BackendLease lease, L4Protocol protocol)
        {
            var frontend = lease.Frontend with { Protocol = protocol };
            if (_loadBalancer.ServiceIdOf(frontend) != lease.ServiceId)
            {
                return false;
            }

            if (!offered.TryGetValue(frontend, out var backends))
            {
                offered.Add(frontend, backends = _desired.Services.OfferedTo(frontend));
            }

            return backends.Contains(lease.Backend with { Protocol = protocol });
        }
    }

    private long Acknowledge() => _appliedSeq = _health.Error is null ? _receivedSeq : _appliedSeq;

    private DesiredState NewDesiredState() => new(_localCluster, _options.NodeName, _options.NodeIp, _options.PrefersReachable);

    private void LearnLocalCluster(ClusterName? told)
    {
        if (told is null && _localCluster is null)
        {
            AgentLog.NoLocalCluster(_logger);
        }
        else if (told is { } name && _options.ClusterName is { } configured && configured != name)
        {
            AgentLog.OtherLocalCluster(_logger, configured, name);
        }

        var local = _options.ClusterName ?? told ?? _localCluster;
        if (local == _localCluster)
        {
            return;
        }

        // Whose records win and bring the frontends depends on it: everything is read again.
        _localCluster = local;
        var before = _desired;
        _desired = NewDesiredState();
        foreach (var cluster in Replica.Clusters)
        {
            _desired.Apply(Replica, [.. cluster.Entries.Select(pair => new ReplicaChange(cluster.Name, pair.Key, pair.Value.Value, 0))]);
        }

        _manifests?.Fill(_desired.Services);
        _standings.Apply(_desired.Services);
        foreach (var frontend in before.Services.Frontends)
        {
            _loadBalancer.Want(frontend, _desired.Services.Find(frontend));
        }

        _ipCache.Mark(before.IpCache.Prefixes);
        _policy?.Enforcer.Rebind(local, _desired.Identities, _desired.IpCache);
    }

    /// <summary>Brings the datapath to the desired state, as far as it changed.</summary>
    private void Reconcile()
    {
        var changed = _desired.Services.TakeChanged();
        if (changed.Count > 0)
        {
            TellContested();
        }

        foreach (var frontend in changed)
        {
            _loadBalancer.Want(frontend, _desired.Services.Find(frontend));
        }

        // Before the rows are taken: endpoints and policies bring some of their own. An identity has its entries before an
        // address leads to it, and loses them after the last one does.
        var error = _policy?.Put(Replica, _desired);
        _ipCache.Mark(_desired.IpCache.TakeChanged());
        _retention.Review(Replica, _localCluster, _desired, _manifests);
        error = _loadBalancer.Flush() is { } services ? error ?? services : error;
        error = _ipCache.Flush() is { } rows ? error ?? rows : error ?? _policy?.Delete();
        Conclude(error, isWhole: false);
    }

    private void Inspect()
    {
        _inspect.Set(_options.InspectInterval);
        var problem = _datapath.Maintain();
        if (problem is not null && problem != _health.Attachment)
        {
            AgentLog.NotAttached(_logger, problem);
        }

        _health.Attachment = problem;
    }

    private void TellContested()
    {
        var contested = _desired.Services.Contested;
        foreach (var (frontend, services) in contested.Where(contested => _contested.Add(contested.Frontend.ToString())))
        {
            AgentLog.Contested(_logger, frontend.ToString(), string.Join(", ", services));
        }

        _contested.IntersectWith(contested.Select(one => one.Frontend.ToString()));
    }

    private void Reread()
    {
        string? error;
        try
        {
            _policy?.Enforcer.Reread();
            error = _policy?.Put(Replica, _desired);
            error = _loadBalancer.Reread() is { } services ? error ?? services : error;
            error = _ipCache.Reread(_desired.IpCache.Prefixes) is { } rows ? error ?? rows : error ?? _policy?.Delete();
        }
        catch (IOException failure)
        {
            error = failure.Message;
        }

        _reconcile.Set(_options.ReconcileInterval);
        Conclude(error, isWhole: true);
    }

    /// <summary>A whole pass shows whether all is well; a flush of changes can only show that something is not.</summary>
    private void Conclude(string? error, bool isWhole)
    {
        if (error is not null)
        {
            if (isWhole || error != _health.Error)
            {
                AgentLog.DatapathFailed(_logger, error);
            }

            _health.Fail(error);
        }
        else if (isWhole || (_loadBalancer.Pending == 0 && _ipCache.Pending == 0))
        {
            _health.Recover();
        }

        if (_health.Error is null)
        {
            _backoff.Reset();
            _retry.Clear();
        }
        else if (isWhole || !_retry.IsSet)
        {
            _retry.Set(_backoff.Next());
        }
    }
}
