using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;

namespace KvStoreMesh.Core.Tests.Sinks;

/// <summary>Cilium's lease sharing, with its test's limit of 5 keys per lease (golden 43).</summary>
public sealed class LeaseBookTests
{
    private readonly LeaseBook _book = new(5);
    private readonly SinkEntry[] _keys = [.. Enumerable.Range(0, 12).Select(i => new SinkEntry(null, new MeshKey(ResourceKind.Nodes, $"key{i}")))];

    [Fact]
    public void Keys_fill_one_lease_after_the_other()
    {
        Assert.False(_book.TryAssign(_keys[0]));
        _book.Granted(1);
        Assert.All(_keys[..5], key => Assert.True(_book.TryAssign(key)));
        Assert.False(_book.TryAssign(_keys[5]));
        _book.Granted(2);
        Assert.All(_keys[5..10], key => Assert.True(_book.TryAssign(key)));
        Assert.All(_keys[..5], key => Assert.Equal(1, key.Lease!.Id));
        Assert.All(_keys[5..10], key => Assert.Equal(2, key.Lease!.Id));
        Assert.Equal(0, _book.Room);
    }

    [Fact]
    public void A_key_keeps_its_lease()
    {
        Keys_fill_one_lease_after_the_other();
        Assert.True(_book.TryAssign(_keys[3]));
        Assert.Equal(1, _keys[3].Lease!.Id);
        Assert.Equal(0, _book.Room);
    }

    [Fact]
    public void A_released_slot_is_used_before_a_new_lease_is_needed()
    {
        Keys_fill_one_lease_after_the_other();
        _book.Release(_keys[2]);
        Assert.Null(_keys[2].Lease);
        Assert.True(_book.TryAssign(_keys[10]));
        Assert.Equal(1, _keys[10].Lease!.Id);
        Assert.False(_book.TryAssign(_keys[11]));
    }

    [Fact]
    public void A_lost_lease_gives_up_its_keys_and_is_never_used_again()
    {
        Keys_fill_one_lease_after_the_other();
        _book.Release(_keys[0]);
        Assert.Equal(_keys[1..5], _book.Lose(1));
        Assert.All(_keys[1..5], key => Assert.Null(key.Lease));
        Assert.Empty(_book.Lose(1));
        Assert.False(_book.TryAssign(_keys[0]));
        _book.Granted(3);
        Assert.All(_keys[..5], key => Assert.True(_book.TryAssign(key)));
        Assert.All(_keys[..5], key => Assert.Equal(3, key.Lease!.Id));
        Assert.Equal([2, 3], _book.Ids.Order());
    }

    [Fact]
    public void Leases_without_keys_are_forgotten()
    {
        Keys_fill_one_lease_after_the_other();
        foreach (var key in _keys[..5])
        {
            _book.Release(key);
        }

        _book.ForgetEmpty();
        Assert.Equal([2L], _book.Ids);
        Assert.Equal(0, _book.Room);
        Assert.False(_book.TryAssign(_keys[0]));
    }
}
