using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// How long a lost source's services stay: the timer starts when the connection of a source that was live once is lost, and
/// stops when the source has answered again. (Cilium: pkg/clustermesh/common/remote_cluster.go, cacheTTLChecker)
/// </summary>
/// <remarks>Withdrawn services come back when the source is live, not when it is merely reached: then they are right.</remarks>
internal sealed class CacheTtlWatch(TimeSpan ttl)
{
    private readonly HashSet<ClusterName> _wasLive = [];
    private readonly Dictionary<ClusterName, TimeSpan> _expiries = [];

    /// <summary>When the next one expires; null if none does.</summary>
    public TimeSpan? NextDue => _expiries.Count == 0 ? null : _expiries.Values.Min();

    /// <summary>Notes the state of a source's connection.</summary>
    public void Reached(ClusterName cluster, SourceReach reach, TimeSpan now)
    {
        if (reach != SourceReach.Lost)
        {
            _expiries.Remove(cluster);
            if (reach == SourceReach.Live)
            {
                _wasLive.Add(cluster);
            }
        }
        else if (ttl > TimeSpan.Zero && _wasLive.Contains(cluster))
        {
            _expiries.TryAdd(cluster, now + ttl);
        }
    }

    public void Forget(ClusterName cluster)
    {
        _wasLive.Remove(cluster);
        _expiries.Remove(cluster);
    }

    /// <summary>The clusters whose time is over; each is returned once.</summary>
    public IReadOnlyList<ClusterName> Expire(TimeSpan now)
    {
        if (_expiries.Count == 0)
        {
            return [];
        }

        var expired = _expiries.Where(expiry => expiry.Value <= now).Select(expiry => expiry.Key).ToList();
        expired.ForEach(cluster =>
        {
            _expiries.Remove(cluster);
            // Not again until it has been live in between.
            _wasLive.Remove(cluster);
        });
        return expired;
    }
}
