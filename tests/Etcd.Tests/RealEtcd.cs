using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Etcd;
using KvStoreMesh.TestSupport.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.Etcd.Tests;

/// <summary>A real etcd with the connector under test and a client that writes.</summary>
public sealed class RealEtcd : ISourceUnderTest
{
    private RealEtcd(EtcdProcess process, EtcdSourceOptions options)
    {
        Process = process;
        Writer = process.Writer();
        Definition = process.Definition();
        Connector = NewConnector(options);
    }

    public EtcdProcess Process { get; }

    public EtcdWriter Writer { get; }

    public ISourceConnector Connector { get; }

    public SourceDefinition Definition { get; }

    public static ISourceConnector NewConnector(EtcdSourceOptions? options = null) => new EtcdSourceConnector(
        options ?? new EtcdSourceOptions(), TimeProvider.System, new Random(1), NullLogger<EtcdSourceConnector>.Instance);

    public static async Task<RealEtcd> StartAsync(EtcdProcessOptions? process = null, EtcdSourceOptions? options = null) =>
        new(await EtcdProcess.StartAsync(process), options ?? new EtcdSourceOptions());

    public Task<ISourceConnection> ConnectAsync(CancellationToken cancellationToken) =>
        Connector.ConnectAsync(Definition, cancellationToken);

    public Task<long> WriteAsync(params SourceWrite[] writes) => Writer.WriteAsync(writes);

    public Task CompactAsync(long revision) => Writer.CompactAsync(revision);

    public async ValueTask DisposeAsync()
    {
        Writer.Dispose();
        await Process.DisposeAsync();
    }
}
