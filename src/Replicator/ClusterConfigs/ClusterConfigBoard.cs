using System.Collections.Immutable;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Replicator.ClusterConfigs;

/// <summary>What the last look at the configuration found, for readers on any thread.</summary>
internal sealed class ClusterConfigBoard
{
    private volatile Snapshot _current = new([], []);
    private volatile Snapshot? _first;

    /// <summary>The clusters that the first look found.</summary>
    public ImmutableArray<ClusterName> AtStart => (_first ?? _current).Clusters;

    /// <summary>The clusters configured, the local one included if it is a source.</summary>
    public ImmutableArray<ClusterName> Clusters => _current.Clusters;

    /// <summary>What is wrong.</summary>
    public ImmutableArray<ConfigurationProblem> Problems => _current.Problems;

    /// <summary>Replaces both; called by the one watcher.</summary>
    public void Publish(ImmutableArray<ClusterName> clusters, ImmutableArray<ConfigurationProblem> problems)
    {
        _current = new Snapshot(clusters, problems);
        _first ??= _current;
    }

    private sealed record Snapshot(ImmutableArray<ClusterName> Clusters, ImmutableArray<ConfigurationProblem> Problems);
}
