using System.Text;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using Xunit;

namespace KvStoreMesh.TestSupport.Sinks;

/// <summary>What every <see cref="ILocalStore"/> promises: run against the fake and against a real etcd.</summary>
public abstract class LocalStoreContract : IAsyncLifetime
{
    private readonly CancellationToken _timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;
    private readonly string _root = $"contract/{Guid.NewGuid():n}/";

    protected ILocalStore Store { get; private set; } = null!;

    private SourceRange Mine => SourceRange.Prefix(_root);

    public async Task InitializeAsync() => Store = await ConnectAsync(_timeout);

    public async Task DisposeAsync()
    {
        if (Store is not null)
        {
            await Store.DisposeAsync();
        }

        await StopAsync();
    }

    [Fact]
    public async Task A_connection_knows_its_endpoint_and_the_etcds_cluster_id()
    {
        Assert.NotEqual(string.Empty, Store.Endpoint);
        Assert.NotEqual(0UL, Store.EtcdClusterId);
        await using var second = await ConnectAsync(_timeout);
        Assert.Equal(Store.EtcdClusterId, second.EtcdClusterId);
    }

    [Fact]
    public async Task A_fenced_transaction_takes_effect_only_while_its_key_is_the_same_one()
    {
        var lease = await Store.GrantAsync(TimeSpan.FromMinutes(1), _timeout);
        await Store.TransactAsync([Put("lock", "", lease)], null, _timeout);
        var entry = Assert.Single((await Store.ListAsync(Mine, null, 10, _timeout)).Entries);
        var fence = new StoreFence(entry.Key, entry.CreateRevision);

        // Another put of the key does not make it another one.
        await Store.TransactAsync([Put("lock", "", lease), Put("a", "1")], fence, _timeout);
        await Store.RevokeAsync(lease, _timeout);
        await AssertFencedAsync();
        await Store.TransactAsync([Put("lock", "")], null, _timeout);
        await AssertFencedAsync();
        var a = (await Store.ListAsync(Mine, null, 10, _timeout)).Entries.Single(kept => kept.Key == _root + "a");
        Assert.Equal("1"u8.ToArray(), a.Value);

        async Task AssertFencedAsync()
        {
            var failure = await Assert.ThrowsAsync<StoreException>(() => Store.TransactAsync([Put("a", "2")], fence, _timeout));
            Assert.Equal(StoreFailure.Fenced, failure.Failure);
        }
    }

    [Fact]
    public async Task A_transaction_puts_and_deletes_any_bytes_at_one_revision()
    {
        var lease = await Store.GrantAsync(TimeSpan.FromMinutes(1), _timeout);
        byte[] binary = [0, 255, 128, 10];
        var first = await Store.TransactAsync([Put("a", "one", lease), StoreOperation.Put(_root + "b", binary, lease), Put("c", "three", lease)], null, _timeout);
        var second = await Store.TransactAsync([Put("a", "uno", lease), StoreOperation.Delete(_root + "c"), StoreOperation.Delete(_root + "none")], null, _timeout);

        Assert.Equal(first + 1, second);
        var page = await Store.ListAsync(Mine, null, 10, _timeout);
        Assert.Equal(second, page.Revision);
        Assert.Null(page.NextKey);
        Assert.Equal(["a", "b"], page.Entries.Select(entry => entry.Key[_root.Length..]));
        Assert.Equal("uno", Encoding.UTF8.GetString(page.Entries[0].Value));
        Assert.Equal(binary, page.Entries[1].Value);
        Assert.All(page.Entries, entry => Assert.Equal(lease, entry.Lease));
    }

    [Fact]
    public async Task A_range_is_deleted_without_its_neighbours()
    {
        await Store.TransactAsync([Put("foo/1", "x"), Put("foo/2", "x"), Put("foobar/1", "x"), Put("fo", "x")], null, _timeout);
        await Store.TransactAsync([StoreOperation.DeleteRange(SourceRange.Prefix(_root + "foo/"))], null, _timeout);
        Assert.Equal(["fo", "foobar/1"], await KeysAsync());
    }

    [Fact]
    public async Task Pages_cover_the_range_without_gap_or_repetition()
    {
        await Store.TransactAsync([.. Enumerable.Range(0, 25).Select(i => Put($"p{i:00}", "x"))], null, _timeout);
        var keys = new List<string>();
        string? from = null;
        do
        {
            var page = await Store.ListAsync(Mine, from, 10, _timeout);
            Assert.InRange(page.Entries.Count, 1, 10);
            keys.AddRange(page.Entries.Select(entry => entry.Key[_root.Length..]));
            from = page.NextKey;
        }
        while (from is not null);

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"p{i:00}"), keys);
    }

    [Fact]
    public async Task Too_many_operations_are_refused_as_such_and_nothing_is_applied()
    {
        var failure = await Assert.ThrowsAsync<StoreException>(() =>
            Store.TransactAsync([.. Enumerable.Range(0, 129).Select(i => Put($"t{i}", "x"))], null, _timeout));
        Assert.Equal(StoreFailure.TooManyOperations, failure.Failure);
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_refused_as_such()
    {
        var failure = await Assert.ThrowsAsync<StoreException>(() =>
            Store.TransactAsync([StoreOperation.Put(_root + "big", new byte[1600 << 10], 0)], null, _timeout));
        Assert.Equal(StoreFailure.Refused, failure.Failure);
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task Two_operations_on_one_key_are_refused()
    {
        var failure = await Assert.ThrowsAsync<StoreException>(() => Store.TransactAsync([Put("k", "1"), Put("k", "2")], null, _timeout));
        Assert.Equal(StoreFailure.Refused, failure.Failure);
    }

    [Fact]
    public async Task An_unknown_lease_is_reported_and_nothing_is_applied()
    {
        var lease = await Store.GrantAsync(TimeSpan.FromMinutes(1), _timeout);
        await Store.RevokeAsync(lease, _timeout);
        var failure = await Assert.ThrowsAsync<StoreException>(() => Store.TransactAsync([Put("a", "x"), Put("b", "x", lease)], null, _timeout));
        Assert.Equal(StoreFailure.LeaseNotFound, failure.Failure);
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task Revoking_a_lease_deletes_its_keys_and_may_be_repeated()
    {
        var mine = await Store.GrantAsync(TimeSpan.FromMinutes(1), _timeout);
        var other = await Store.GrantAsync(TimeSpan.FromMinutes(1), _timeout);
        await Store.TransactAsync([Put("a", "x", mine), Put("b", "x", other)], null, _timeout);
        await Store.TransactAsync([Put("c", "x", mine)], null, _timeout);

        // A key that is put again belongs to the new lease only.
        await Store.TransactAsync([Put("c", "x", other)], null, _timeout);
        await Store.RevokeAsync(mine, _timeout);
        await Store.RevokeAsync(mine, _timeout);
        Assert.Equal(["b", "c"], await KeysAsync());
    }

    [Fact]
    public async Task Renewing_tells_which_leases_are_gone()
    {
        var leases = new List<long>();
        for (var i = 0; i < 70; i++)
        {
            leases.Add(await Store.GrantAsync(TimeSpan.FromMinutes(1), _timeout));
        }

        await Store.RevokeAsync(leases[3], _timeout);
        await Store.RevokeAsync(leases[66], _timeout);
        var lost = await Store.RenewAsync(leases, _timeout);
        Assert.Equal([leases[3], leases[66]], lost.Order());
        Assert.Empty(await Store.RenewAsync([], _timeout));
    }

    [Fact]
    public async Task A_closed_connection_fails_as_unavailable()
    {
        var closed = await ConnectAsync(_timeout);
        await closed.DisposeAsync();
        var failure = await Assert.ThrowsAsync<StoreException>(() => closed.TransactAsync([Put("a", "x")], null, _timeout));
        Assert.Equal(StoreFailure.Unavailable, failure.Failure);
    }

    protected abstract Task<ILocalStore> ConnectAsync(CancellationToken cancellationToken);

    protected abstract Task StopAsync();

    private StoreOperation Put(string name, string value, long lease = 0) => StoreOperation.Put(_root + name, Encoding.UTF8.GetBytes(value), lease);

    private async Task<IEnumerable<string>> KeysAsync()
    {
        var page = await Store.ListAsync(Mine, null, 1000, _timeout);
        return page.Entries.Select(entry => entry.Key[_root.Length..]);
    }
}
