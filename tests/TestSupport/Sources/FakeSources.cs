using System.Collections.Concurrent;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.TestSupport.Sources;

/// <summary>Many fake sources behind one connector, by the name of the cluster; one that nobody asked for yet is empty.</summary>
public sealed class FakeSources(TimeProvider time) : ISourceConnector
{
    private readonly ConcurrentDictionary<ClusterName, FakeSource> _sources = new();

    public FakeSource this[ClusterName cluster] => _sources.GetOrAdd(cluster, _ => new FakeSource(time));

    public FakeSource this[string cluster] => this[ClusterName.Parse(cluster)];

    /// <inheritdoc />
    public Task<ISourceConnection> ConnectAsync(SourceDefinition definition, CancellationToken cancellationToken) =>
        this[definition.Cluster].ConnectAsync(definition, cancellationToken);
}
