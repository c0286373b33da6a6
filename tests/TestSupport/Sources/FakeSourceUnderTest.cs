using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.TestSupport.Sources;

/// <summary>The fake, in the shape that <see cref="SourceConnectionContract"/> asks for.</summary>
public sealed class FakeSourceUnderTest : ISourceUnderTest
{
    private readonly FakeSource _source = new(TimeProvider.System) { PageSize = 7, BatchSize = 5 };

    public ISourceConnector Connector => _source;

    public SourceDefinition Definition { get; } = new(ClusterName.Parse("ape"), SourceRole.Remote, "fake", string.Empty);

    public Task<long> WriteAsync(params SourceWrite[] writes) => Task.FromResult(_source.Etcd.Write(writes));

    public Task CompactAsync(long revision)
    {
        _source.Etcd.Compact(revision);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
