using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>
/// What the journal has to know, as of now: the hand-over to its actor. It coalesces, so its bound is the number of clusters, and it
/// outlives the actor: what could not be written is written when the journal is well again. Any thread.
/// </summary>
internal sealed class LifecycleFacts
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ClusterName, ClusterLife?> _lives = [];

    /// <summary>Raised when something is new. Handlers only signal.</summary>
    public event Action? Changed;

    /// <summary>Every cluster of this run; null for one that was removed.</summary>
    public IReadOnlyList<(ClusterName Cluster, ClusterLife? Life)> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _lives.Select(life => (life.Key, life.Value))];
            }
        }
    }

    public void Applied(ClusterDelta delta, SourceCheckpoint? checkpoint, DateTimeOffset now)
    {
        var config = checkpoint?.Config;
        Change(delta.Cluster, life =>
        {
            var next = life ?? new ClusterLife();
            if (delta.EpochReason is { } reason)
            {
                next = next with { Epoch = delta.Position.Epoch.Value, Revision = delta.Position.Revision, Reason = reason, At = now };
            }

            return config is { } entry && next.Config?.AsSpan().SequenceEqual(entry.Value) != true
                ? next with { Config = entry.Value, ConfigRevision = entry.ModRevision, At = now }
                : next;
        });
    }

    public void Draining(ClusterName cluster, DateTimeOffset now) =>
        Change(cluster, life => (life ?? new ClusterLife()) with { IsDraining = true, At = now });

    public void Removed(ClusterName cluster) => Change(cluster, _ => null);

    /// <summary>The journal has it: a removed cluster needs no longer to be known.</summary>
    public void Kept(ClusterName cluster)
    {
        lock (_lock)
        {
            if (_lives.TryGetValue(cluster, out var life) && life is null)
            {
                _lives.Remove(cluster);
            }
        }
    }

    private void Change(ClusterName cluster, Func<ClusterLife?, ClusterLife?> change)
    {
        lock (_lock)
        {
            var known = _lives.TryGetValue(cluster, out var life);
            var next = change(life);
            if (known && ReferenceEquals(next, life))
            {
                return;
            }

            _lives[cluster] = next;
        }

        Changed?.Invoke();
    }
}
