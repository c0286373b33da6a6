using System.Threading.Channels;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.ClusterConfigs;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.Replicator.Tests.ClusterConfigs;

public sealed class ClusterConfigWatcherTests : IAsyncLifetime, IDisposable
{
    private const string Content = "endpoints:\n- http://127.0.0.1:2379\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("kvstoremesh-watch-").FullName;
    private readonly Channel<object> _told = Channel.CreateUnbounded<object>();
    private readonly ClusterConfigBoard _board = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(20));
    private ClusterConfigWatcher _watcher = null!;

    private string LocalFile => Path.Combine(_directory, "..local.yaml");

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "b"), Content);
        await File.WriteAllTextAsync(LocalFile, Content);
        var options = new ClusterConfigOptions
        {
            Directory = _directory,
            LocalStateFile = LocalFile,
            LocalCluster = ClusterName.Parse("own"),
            RescanInterval = TimeSpan.FromMilliseconds(500),
            RemovalConfirmation = TimeSpan.FromMilliseconds(50),
        };
        _watcher = new ClusterConfigWatcher(
            options, _board, message => _told.Writer.TryWrite(message), TimeProvider.System, NullLogger<ClusterConfigWatcher>.Instance);
        await _watcher.StartAsync(_limit.Token);
    }

    public Task DisposeAsync() => _watcher.StopAsync(default);

    public void Dispose()
    {
        _watcher.Dispose();
        _limit.Dispose();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Fact]
    public async Task Everything_is_known_when_the_start_returns_and_changes_follow()
    {
        Assert.Equal(["b", "own"], _board.AtStart.Select(cluster => cluster.Value));
        Assert.True(_told.Reader.TryRead(out var local));
        Assert.True(_told.Reader.TryRead(out var first));
        Assert.Equal((SourceRole.Local, "own"), Of(local));
        Assert.Equal((SourceRole.Remote, "b"), Of(first));
        Assert.Equal(["b", "own"], Assert.IsType<ConfigurationRead>(await NextAsync()).Present.Select(cluster => cluster.Value).Order());

        await File.WriteAllTextAsync(Path.Combine(_directory, "c"), Content);
        Assert.Equal((SourceRole.Remote, "c"), Of(await NextAsync()));
        await File.WriteAllTextAsync(LocalFile, Content + "# changed\n");
        Assert.Equal((SourceRole.Local, "own"), Of(await NextAsync()));
        File.Delete(Path.Combine(_directory, "b"));
        Assert.Equal(new RemoveCluster(ClusterName.Parse("b")), await NextAsync());
        Assert.Equal(["c", "own"], _board.Clusters.Select(cluster => cluster.Value));
    }

    [Fact]
    public async Task A_directory_that_comes_back_is_followed_again()
    {
        var moved = _directory + "-moved";
        Directory.Move(_directory, moved);
        while (_board.Problems.IsEmpty)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _limit.Token);
        }

        Directory.Move(moved, _directory);
        await File.WriteAllTextAsync(Path.Combine(_directory, "c"), Content);
        while (await NextAsync() is not ConfigureCluster { Definition.Cluster.Value: "c" })
        {
        }

        Assert.Equal(["b", "c", "own"], _board.Clusters.Select(cluster => cluster.Value));
    }

    private static (SourceRole, string) Of(object message)
    {
        var source = Assert.IsType<ConfigureCluster>(message).Definition;
        return (source.Role, source.Cluster.Value);
    }

    private async Task<object> NextAsync() => await _told.Reader.ReadAsync(_limit.Token);
}
