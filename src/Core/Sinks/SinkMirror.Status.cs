namespace KvStoreMesh.Core.Sinks;

public sealed partial class SinkMirror
{
    /// <summary>Where everything stands. O(clusters).</summary>
    public EtcdSinkStatus Describe()
    {
        var clusters = _clusters.Values.OrderBy(cluster => cluster.Name).Select(Describe).ToList();
        return new EtcdSinkStatus
        {
            Connected = _session.IsOpen,
            IsLeader = _election?.IsLeader ?? true,
            Leader = _election?.Leader,
            LeadsLost = _election?.Lost ?? 0,
            Endpoint = _session.IsOpen ? _session.Store!.Endpoint : null,
            IsBootstrapped = IsBootstrapped,
            PendingKeys = clusters.Sum(cluster => cluster.PendingKeys),
            InFlight = _inFlight,
            Window = Math.Min(_pace.Window, _options.MaxInFlight),
            Written = _counters.Written,
            Deleted = _counters.Deleted,
            Transactions = _counters.Transactions,
            Failures = _counters.Failures,
            Leases = _leases.Book.Count,
            LeasesLost = _leases.Lost,
            HistoriesLost = _counters.HistoriesLost,
            Revocations = _counters.Revocations,
            FailuresInARow = _session.Failures,
            LastError = _counters.LastError,
            LastErrorAt = _counters.LastErrorAt,
            Clusters = clusters,
        };
    }

    private static SinkClusterStatus Describe(SinkCluster cluster) => new(
        cluster.Name, cluster.Phase, cluster.Keys, cluster.Pending, cluster.CanariesWritten, cluster.IsComplete, cluster.IsRevoked,
        cluster.ConfigProblem ?? (cluster.Drain is { IsStuck: true } drain
            ? $"removing its keys has failed {drain.Failures} times; it is tried again every minute"
            : null));
}
