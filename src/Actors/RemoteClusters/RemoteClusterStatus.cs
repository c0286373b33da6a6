using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>One source as of now: what status, health and metrics show. Immutable.</summary>
public sealed record RemoteClusterStatus
{
    /// <summary>What the operator configured.</summary>
    public required SourceDefinition Definition { get; init; }

    /// <summary>What its actor is doing.</summary>
    public required RemoteClusterPhase Phase { get; init; }

    /// <summary>The endpoint that answers; null while there is no connection.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The cluster ID of the connected etcd; null while there is no connection.</summary>
    public ulong? EtcdClusterId { get; init; }

    /// <summary>The config in force, also of an earlier connection; null if none was ever read.</summary>
    public CiliumClusterConfig? Config { get; init; }

    /// <summary>What is wrong with the config at the source, e.g. missing; null if nothing is.</summary>
    public string? ConfigProblem { get; init; }

    /// <summary>Where the replica stands; null before the first complete list.</summary>
    public SourcePosition? Position { get; init; }

    /// <summary>Keys known by resource.</summary>
    public required IReadOnlyDictionary<ResourceKind, int> Counts { get; init; }

    /// <summary>Resources the source offers; empty before a config is known.</summary>
    public required IReadOnlyList<ResourceKind> Resources { get; init; }

    /// <summary>Resources that are synced since the last (re)connection.</summary>
    public required IReadOnlyList<ResourceKind> Synced { get; init; }

    /// <summary>When the source last proved that the replica is up to date; null if never.</summary>
    public DateTimeOffset? LastProof { get; init; }

    /// <summary>When everything held was last compared with the source; null if not since the start.</summary>
    public DateTimeOffset? LastAudit { get; init; }

    /// <summary>Keys that comparisons found to differ, and lists have repaired, since the start, by resource.</summary>
    public IReadOnlyDictionary<ResourceKind, long> Drift { get; init; } = new Dictionary<ResourceKind, long>();

    /// <summary>
    /// What is held comes from an earlier run of the daemon, and its source has not confirmed it: <see cref="LastProof"/> says how old it is.
    /// </summary>
    public bool IsRestored { get; init; }

    /// <summary>Connections lost or attempts failed since the start.</summary>
    public int Failures { get; init; }

    /// <summary>The same by the step that failed.</summary>
    public IReadOnlyDictionary<SourcePhase, int> FailuresByPhase { get; init; } = new Dictionary<SourcePhase, int>();

    /// <summary>The last failure; null if none.</summary>
    public DateTimeOffset? LastFailure { get; init; }

    /// <summary>What failed last, in words; kept until the source is live again.</summary>
    public string? LastError { get; init; }

    /// <summary>The step that failed last.</summary>
    public SourcePhase? LastErrorPhase { get; init; }

    /// <summary>Why growth is refused, as the source has more than its quota, in words; null once a list has fitted.</summary>
    public string? Excess { get; init; }

    /// <summary>When the next attempt starts, while backing off.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>Watches open at the source, all on one stream; 0 or the number of ranges.</summary>
    public int Watches { get; init; }

    /// <summary>Live, with every resource the source offers synced.</summary>
    public bool IsReady => Phase == RemoteClusterPhase.Watching && Resources.Count > 0 && Synced.Count == Resources.Count;

    internal static RemoteClusterStatus Of(
        SourceDefinition definition,
        RemoteClusterPhase phase,
        ISourceConnection? connection,
        bool watching,
        DateTimeOffset? nextAttempt,
        ReplicaSync sync,
        SourceHealth health)
    {
        var replica = sync.Replica;
        var resources = replica.Layout?.Resources ?? [];
        return new()
        {
            Definition = definition,
            Phase = phase,
            Endpoint = connection?.Endpoint,
            EtcdClusterId = connection?.EtcdClusterId,
            Config = replica.Config,
            ConfigProblem = sync.ConfigProblem,
            Position = replica.Position,
            Counts = resources.ToDictionary(kind => kind, replica.Count),
            Resources = resources,
            Synced = [.. resources.Where(replica.IsSynced)],
            LastProof = health.LastProof,
            LastAudit = health.LastAudit,
            Drift = health.Drift,
            Failures = health.Failures,
            FailuresByPhase = health.FailuresByPhase,
            LastFailure = health.LastFailure,
            LastError = health.LastError?.Message,
            LastErrorPhase = health.LastError?.Phase,
            Excess = replica.Excess,
            NextAttempt = nextAttempt,
            Watches = (watching, phase) switch
            {
                (false, _) => 0,
                (_, RemoteClusterPhase.AwaitingConfig) => 1,
                _ => replica.Layout?.WatchRanges.Count ?? 0,
            },
        };
    }
}
