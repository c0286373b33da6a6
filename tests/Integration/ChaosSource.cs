using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Integration;

/// <summary>One remote cluster of the chaos run: its etcd, what its exporter has written, and a backup.</summary>
internal sealed class ChaosSource : IAsyncDisposable
{
    private readonly string _backup = Path.Combine(Path.GetTempPath(), $"kvstoremesh-chaos-{Guid.NewGuid():n}.db");
    private IReadOnlyDictionary<string, string>? _saved;
    private long _revision;

    private ChaosSource(SourceCluster cluster, EtcdProcess etcd) => (Cluster, Etcd) = (cluster, etcd);

    public SourceCluster Cluster { get; }

    public EtcdProcess Etcd { get; }

    public bool IsSaved => _saved is not null;

    public static async Task<ChaosSource> StartAsync(string name, int id)
    {
        var source = new ChaosSource(new SourceCluster(name, id), await EtcdProcess.StartAsync());
        await source.WriteEverythingAsync();
        return source;
    }

    public async Task ChurnAsync(Random random)
    {
        using var writer = Etcd.Writer();
        _revision = await writer.WriteAsync(Cluster.Churn(random));
    }

    /// <summary>Up to the last write, which is where etcd 3.4 loses deletions.</summary>
    public async Task CompactAsync()
    {
        if (_revision > 0)
        {
            using var writer = Etcd.Writer();
            await writer.CompactAsync(_revision);
            _revision = 0;
        }
    }

    /// <summary>Its data is lost; the exporter fills it again.</summary>
    public async Task WipeAsync()
    {
        await Etcd.KillAsync();
        await Etcd.StartAgainAsync(wipe: true);
        await WriteEverythingAsync();
    }

    public void Save()
    {
        File.Delete(_backup);
        Etcd.SaveSnapshot(_backup);
        _saved = Cluster.Remember();
    }

    /// <summary>An operator goes back to the backup; what was written since is gone.</summary>
    public async Task RestoreAsync()
    {
        await Etcd.KillAsync();
        await Etcd.StartAgainFromAsync(_backup);
        Cluster.Restore(_saved!);
        _revision = 0;
    }

    public async ValueTask DisposeAsync()
    {
        await Etcd.DisposeAsync();
        File.Delete(_backup);
    }

    private async Task WriteEverythingAsync()
    {
        using var writer = Etcd.Writer();
        await writer.WriteManyAsync(Cluster.Everything());
        _revision = 0;
    }
}
