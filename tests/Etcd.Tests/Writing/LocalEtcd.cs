using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Etcd.Writing;
using KvStoreMesh.TestSupport.Etcd;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.Etcd.Tests.Writing;

/// <summary>A real etcd with the connector that the sink uses, its configuration in a file.</summary>
public sealed class LocalEtcd : IAsyncDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"kvstoremesh-sink-{Guid.NewGuid():n}.yaml");

    private LocalEtcd(EtcdProcess process)
    {
        Process = process;
        File.WriteAllText(_file, process.Definition().ConfigText);
        var options = new EtcdSourceOptions();
        Connector = new EtcdLocalStoreConnector(
            _file,
            new EtcdSourceConnector(options, TimeProvider.System, new Random(1), NullLogger<EtcdSourceConnector>.Instance),
            options);
    }

    public EtcdProcess Process { get; }

    public ILocalStoreConnector Connector { get; }

    public static async Task<LocalEtcd> StartAsync(EtcdProcessOptions? options = null) => new(await EtcdProcess.StartAsync(options));

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        File.Delete(_file);
    }
}
