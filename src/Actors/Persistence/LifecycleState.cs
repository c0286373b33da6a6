using System.Collections.Immutable;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>The lives of all clusters as far as the journal has them: what its events add up to. Pure and immutable.</summary>
/// <param name="Clusters">By name; a removed cluster is not among them.</param>
internal sealed record LifecycleState(ImmutableSortedDictionary<ClusterName, ClusterLife> Clusters)
{
    /// <summary>Before the first event.</summary>
    public static LifecycleState Empty { get; } = new(ImmutableSortedDictionary<ClusterName, ClusterLife>.Empty);

    /// <summary>After one more event.</summary>
    public LifecycleState Apply(LifecycleEvent happened)
    {
        var life = Clusters.GetValueOrDefault(happened.Cluster) ?? new ClusterLife();
        return happened switch
        {
            EpochMinted minted => With(life with { Epoch = minted.Epoch, Revision = minted.Revision, Reason = minted.Reason, IsDraining = false }),
            ConfigSeen seen => With(life with { Config = seen.Value, ConfigRevision = seen.Revision, IsDraining = false }),
            ClusterDraining => With(life with { IsDraining = true }),
            ClusterRemoved => new(Clusters.Remove(happened.Cluster)),
            _ => this,
        };

        LifecycleState With(ClusterLife next) => new(Clusters.SetItem(happened.Cluster, next with { At = happened.At }));
    }

    /// <summary>What has to happen to get from here to what is known now; null is removed.</summary>
    public IEnumerable<LifecycleEvent> Missing(ClusterName cluster, ClusterLife? now, DateTimeOffset at)
    {
        var life = Clusters.GetValueOrDefault(cluster);
        if (now is null)
        {
            return life is null ? [] : [new ClusterRemoved(cluster, at)];
        }

        var missing = new List<LifecycleEvent>();
        if (now.Epoch != 0 && now.Epoch != life?.Epoch)
        {
            missing.Add(new EpochMinted(cluster, now.At, now.Epoch, now.Revision, now.Reason));
        }

        if (now.Config is { } config && life?.Config?.AsSpan().SequenceEqual(config) != true)
        {
            missing.Add(new ConfigSeen(cluster, now.At, config, now.ConfigRevision));
        }

        if (now.IsDraining && life?.IsDraining != true)
        {
            missing.Add(new ClusterDraining(cluster, now.At, life?.Epoch ?? now.Epoch, now.Revision));
        }

        return missing;
    }
}
