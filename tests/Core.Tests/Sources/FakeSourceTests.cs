using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Core.Tests.Sources;

/// <summary>The switches that a real etcd does not have, and the trap that 3.4 does.</summary>
public sealed class FakeSourceTests
{
    private static readonly SourceDefinition Definition = new(ClusterName.Parse("ape"), SourceRole.Remote, "fake", "");

    private readonly FakeSource _source = new(TimeProvider.System);

    [Fact]
    public async Task A_killed_source_breaks_what_is_open_and_refuses_what_is_new_until_it_is_restored()
    {
        await using var connection = await ConnectAsync();
        await using var watch = await connection.WatchAsync([SourceRange.Prefix("k")], 1, CancellationToken.None);
        var read = watch.ReadAsync(CancellationToken.None);
        Assert.Equal((1, 1, 1), (_source.OpenConnections, _source.OpenStreams, _source.OpenWatches));

        _source.Kill();

        Assert.Equal(SourcePhase.Watch, (await Assert.ThrowsAsync<SourceException>(() => read)).Phase);
        await Assert.ThrowsAsync<SourceException>(() => connection.ReadAsync("k", CancellationToken.None));
        Assert.Equal(SourcePhase.Tcp, (await Assert.ThrowsAsync<SourceException>(ConnectAsync)).Phase);
        _source.Restore();
        await using var again = await ConnectAsync();
        await watch.DisposeAsync();
        await connection.DisposeAsync();
        Assert.Equal((1, 0, 1), (_source.OpenConnections, _source.OpenStreams, _source.MaxOpenStreams));
    }

    [Fact]
    public async Task A_closed_gate_makes_calls_hang_and_connections_break_them()
    {
        await using var connection = await ConnectAsync();
        _source.Lists.Close();
        var list = connection.ListAsync(SourceRange.Prefix("k"), null, 0, CancellationToken.None);
        Assert.False(list.IsCompleted);
        _source.BreakConnections();
        await Assert.ThrowsAsync<SourceException>(() => list);
        _source.Lists.Open();
        Assert.Equal((1, 1), (_source.ListsServed, _source.MaxConcurrentLists));
    }

    [Fact]
    public async Task A_wiped_source_starts_over_with_the_id_it_was_told_to_have()
    {
        var id = _source.Etcd.ClusterId;
        _source.Etcd.Put("k", "1");
        _source.Wipe(sameClusterId: true);
        await using var same = await ConnectAsync();
        Assert.Equal((id, 1, null), (same.EtcdClusterId, _source.Etcd.Revision, (await same.ReadAsync("k", CancellationToken.None)).Entry));
        _source.Wipe();
        await using var other = await ConnectAsync();
        Assert.NotEqual(id, other.EtcdClusterId);
    }

    [Fact]
    public async Task Progress_is_sent_only_on_request_and_after_everything_else()
    {
        await using var connection = await ConnectAsync();
        await using var watch = await connection.WatchAsync([SourceRange.Prefix("k")], 2, CancellationToken.None);
        _source.Etcd.Put("k", "1");
        _source.Etcd.Put("other", "1");
        _source.SendProgress();
        Assert.Single((await watch.ReadAsync(CancellationToken.None)).Events);
        var progress = await watch.ReadAsync(CancellationToken.None);
        Assert.Empty(progress.Events);
        Assert.Equal(3, progress.Revision);
    }

    [Fact]
    public async Task A_deletion_at_the_compacted_revision_is_lost_without_an_error()
    {
        _source.Etcd.Put("k", "1");
        var deleted = _source.Etcd.Delete("k");
        _source.Etcd.Compact(deleted);
        var next = _source.Etcd.Put("k2", "1");
        await using var connection = await ConnectAsync();
        await using var watch = await connection.WatchAsync([SourceRange.Prefix("k")], deleted, CancellationToken.None);
        Assert.Equal(next, (await watch.ReadAsync(CancellationToken.None)).Events[0].ModRevision);
    }

    [Fact]
    public async Task A_second_call_at_once_is_a_mistake_of_the_caller()
    {
        await using var connection = await ConnectAsync();
        _source.Reads.Close();
        var first = connection.ReadAsync("k", CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.ReadAsync("k", CancellationToken.None));
        _source.Reads.Open();
        await first;
    }

    [Fact]
    public async Task A_fault_is_thrown_in_its_phase()
    {
        _source.Fault = phase => phase == SourcePhase.Tcp ? new(SourcePhase.Auth, "wrong password") : null;
        Assert.Equal(SourcePhase.Auth, (await Assert.ThrowsAsync<SourceException>(ConnectAsync)).Phase);
    }

    private Task<ISourceConnection> ConnectAsync() => _source.ConnectAsync(Definition, CancellationToken.None);
}
