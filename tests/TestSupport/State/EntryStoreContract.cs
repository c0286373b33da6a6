using CsCheck;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using Xunit;

namespace KvStoreMesh.TestSupport.State;

/// <summary>What every <see cref="IEntryStore"/> promises: run against the fake and against the real databases.</summary>
public abstract class EntryStoreContract : IAsyncLifetime
{
    private static readonly ClusterName Ape = ClusterName.Parse("ape");
    private static readonly ClusterName Bee = ClusterName.Parse("bee");
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeMilliseconds(1_760_000_000_123);

    private readonly CancellationToken _timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    private protected List<string> Notices { get; } = [];

    protected IEntryStoreConnector Connector { get; private set; } = null!;

    public async Task InitializeAsync() => Connector = await PrepareAsync();

    public virtual Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_new_store_holds_nothing()
    {
        await using var store = await OpenAsync();
        var mesh = await store.LoadAsync(_timeout);
        Assert.Empty(mesh.Clusters);
        Assert.Empty(mesh.Damaged);
    }

    [Fact]
    public async Task What_was_written_is_there_after_it_was_opened_again()
    {
        MeshChange[] entries = [Put("a", "1"), Put("b", "2"), Put("c", "3", ResourceKind.Nodes)];
        await using (var store = await OpenAsync())
        {
            await store.WriteAsync([new(Ape, false, entries, [1, 2, 3], At)], _timeout);
        }

        await using var again = await OpenAsync();
        var cluster = Assert.Single((await again.LoadAsync(_timeout)).Clusters);
        Assert.Equal(Ape, cluster.Cluster);
        Assert.Equal([1, 2, 3], cluster.Checkpoint);
        Assert.Equal(At, cluster.ProvedAt);
        Assert.Equal(Text(entries), Text(cluster.Entries));
        Assert.InRange(await again.MeasureAsync(_timeout), 1, long.MaxValue);
    }

    [Fact]
    public async Task Names_and_values_are_any_bytes_of_any_length()
    {
        MeshChange[] entries =
        [
            Put("", "the config", ResourceKind.ClusterConfig), Put("nul\0in it", ""), Put("'; DROP TABLE x; --", "\0\0"),
            Put("ünïcödé/🐝", "ß"), new(new(ResourceKind.Services, "binary"), [0, 255, 128, 10, 13], 4, 2),
            new(new(ResourceKind.Services, "large"), [.. Enumerable.Range(0, 5 << 20).Select(i => (byte)(i * 31))], long.MaxValue, long.MaxValue),
            Put(new string('x', 2000), "long name"),
        ];
        await using var store = await OpenAsync();
        await store.WriteAsync([new(Ape, true, entries, [], At)], _timeout);
        Assert.Equal(Text(entries), Text(Assert.Single((await store.LoadAsync(_timeout)).Clusters).Entries));
    }

    [Fact]
    public async Task Forgetting_a_cluster_leaves_nothing_of_it_and_all_of_the_others()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([new(Ape, true, [Put("a", "1")], [1], At), new(Bee, true, [Put("a", "2")], [2], At)], _timeout);
        await store.WriteAsync([ClusterWrite.Forget(Ape), ClusterWrite.Forget(ClusterName.Parse("never-seen"))], _timeout);
        Assert.Equal(Bee, Assert.Single((await store.LoadAsync(_timeout)).Clusters).Cluster);

        // Its name may come back, and begins with nothing.
        await store.WriteAsync([new(Ape, false, [Put("b", "3")], [3], At)], _timeout);
        var ape = (await store.LoadAsync(_timeout)).Clusters.Single(cluster => cluster.Cluster == Ape);
        Assert.Equal("Services/b=Mw==@2/1", Assert.Single(Text(ape.Entries)));
    }

    [Fact]
    public async Task A_write_that_is_given_up_leaves_nothing_and_may_be_repeated()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([new(Ape, true, [Put("a", "old")], [1], At)], _timeout);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        ClusterWrite[] writes = [new(Ape, true, [Put("a", "new")], [2], At), new(Bee, true, [Put("a", "new")], [2], At)];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.WriteAsync(writes, cancelled.Token));
        Assert.Equal([1], Assert.Single((await store.LoadAsync(_timeout)).Clusters).Checkpoint);

        await store.WriteAsync(writes, _timeout);
        Assert.Equal(2, (await store.LoadAsync(_timeout)).Clusters.Count);
    }

    [Fact]
    public async Task A_second_daemon_is_refused_in_one_line_until_the_first_has_gone()
    {
        await using (await OpenAsync())
        {
            var refusal = await Assert.ThrowsAsync<EntryStoreException>(OpenAsync);
            Assert.Equal(EntryStoreFault.Unavailable, refusal.Fault);
            Assert.Contains("another kvstoremesh", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal.Message);
        }

        await using var next = await OpenAsync();
        Assert.Empty((await next.LoadAsync(_timeout)).Clusters);
    }

    [Fact]
    public async Task Any_sequence_of_writes_leaves_what_a_map_would_hold()
    {
        await using var store = await OpenAsync();
        var key = Gen.Select(Gen.Int[0, 12], Gen.Int[2, 4], (n, kind) => new MeshKey((ResourceKind)kind, $"key-{n}"));
        var change = Gen.Select(key, Gen.Byte.Array[0, 20], Gen.Bool, (k, value, delete) => new MeshChange(k, delete ? null : value, 7, delete ? 0 : 3));
        var write = Gen.Select(
            Gen.OneOf(Gen.Const(Ape), Gen.Const(Bee)), Gen.Int[0, 9], change.List[0, 20], Gen.Byte.Array[0, 5],
            (cluster, choice, changes, checkpoint) => choice == 0
                ? ClusterWrite.Forget(cluster)
                : new ClusterWrite(cluster, choice == 1, [.. changes.DistinctBy(c => c.Key).Where(c => choice != 1 || !c.IsDelete)], checkpoint, At));
        var model = new Dictionary<ClusterName, (byte[] Checkpoint, Dictionary<MeshKey, MeshChange> Entries)>();
        await write.List[1, 4].Array[20].SampleAsync(
            async batches =>
            {
                foreach (var batch in batches)
                {
                    await store.WriteAsync(batch, _timeout);
                    batch.ForEach(one => Apply(model, one));
                    var loaded = (await store.LoadAsync(_timeout)).Clusters;
                    Assert.Equal(model.Keys.Order(), loaded.Select(cluster => cluster.Cluster).Order());
                    foreach (var cluster in loaded)
                    {
                        Assert.Equal(model[cluster.Cluster].Checkpoint, cluster.Checkpoint);
                        Assert.Equal(Text(model[cluster.Cluster].Entries.Values), Text(cluster.Entries));
                    }
                }
            },
            iter: 5,
            threads: 1);
    }

    /// <summary>A connector of a store that nobody has opened yet.</summary>
    protected abstract Task<IEntryStoreConnector> PrepareAsync();

    protected Task<IEntryStore> OpenAsync() => Connector.OpenAsync(Notices.Add, _timeout);

    protected static MeshChange Put(string name, string value, ResourceKind kind = ResourceKind.Services) =>
        new(new(kind, name), System.Text.Encoding.UTF8.GetBytes(value), 2, 1);

    private static void Apply(Dictionary<ClusterName, (byte[] Checkpoint, Dictionary<MeshKey, MeshChange> Entries)> model, ClusterWrite write)
    {
        if (write.Checkpoint is not { } checkpoint)
        {
            model.Remove(write.Cluster);
            return;
        }

        var entries = model.TryGetValue(write.Cluster, out var known) && !write.Replaces ? known.Entries : [];
        foreach (var change in write.Changes)
        {
            entries.Remove(change.Key);
            if (!change.IsDelete)
            {
                entries.Add(change.Key, change);
            }
        }

        model[write.Cluster] = (checkpoint, entries);
    }

    private static string[] Text(IEnumerable<MeshChange> entries) =>
        [.. entries.Select(entry => $"{entry.Key}={Convert.ToBase64String(entry.Value!)}@{entry.Revision}/{entry.CreateRevision}").Order(StringComparer.Ordinal)];
}
