using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class ReplicaSyncTests
{
    private readonly FakeSource _source = new(TimeProvider.System);
    private readonly ReplicaSync _sync = new(new SourceReplica(Some.Cluster("ape"), new Random(1)));

    private FakeEtcd Etcd => _source.Etcd;

    [Fact]
    public void Starts_with_the_config_and_lists_the_canaries_first()
    {
        _source.Export("ape", "default/echo");
        Assert.Equal(SyncStep.ReadConfig, _sync.Next);

        Assert.True(TakeConfig());

        Assert.Equal(SyncStep.List, _sync.Next);
        Assert.Null(_sync.NextPage!.Value.Kind);
        Assert.Equal((Etcd.Revision, Etcd.Revision), (_sync.NextPage.Value.Revision, _sync.ReadAt));
    }

    [Fact]
    public void Delivers_a_complete_list_before_it_watches()
    {
        _source.Export("ape", "default/echo");
        TakeConfig();
        List();

        Assert.Equal(SyncStep.Deliver, _sync.Next);
        Assert.Contains(_sync.Pending!.Changes, change => change.Key == new MeshKey(ResourceKind.Services, "default/echo"));
        Assert.True(_sync.Acknowledge(_sync.Pending));
        Assert.Equal(SyncStep.Watch, _sync.Next);
    }

    [Fact]
    public void Another_delta_is_no_acknowledgement()
    {
        Live(acknowledge: false);

        Assert.False(_sync.Acknowledge(_sync.Pending! with { ReadTimestamp = 1 }));

        Assert.Equal(SyncStep.Deliver, _sync.Next);
    }

    [Fact]
    public void A_delta_under_way_survives_the_loss_of_the_connection_and_a_list_does_not()
    {
        Live(acknowledge: false);
        _sync.Restart();
        Assert.Equal(SyncStep.Deliver, _sync.Next);
        _sync.Acknowledge(_sync.Pending!);

        Etcd.Put(SourceData.ConfigKey("ape"), SourceData.Config(id: 9));
        TakeConfig();
        Assert.NotNull(_sync.NextPage);
        _sync.Restart();
        Assert.Equal((SyncStep.ReadConfig, null), (_sync.Next, _sync.NextPage));
    }

    [Fact]
    public void A_late_canary_is_delivered_then_listed_at_its_own_revision_before_the_watch_goes_on()
    {
        Etcd.Put(SourceData.ConfigKey("ape"), SourceData.Config());
        TakeConfig();
        List();
        _sync.Acknowledge(_sync.Pending!);
        Assert.Equal(SyncStep.Watch, _sync.Next);

        var canary = SourceData.Canary("ape", ResourceKind.Nodes);
        var revision = Etcd.Put(canary, "now");
        _sync.TakeBatch(new([new SourceEvent(canary, [1], revision, revision)], revision, 0));

        Assert.Equal(SyncStep.List, _sync.Next);
        Assert.Equal((ResourceKind.Nodes, revision), (_sync.NextPage!.Value.Kind, _sync.NextPage.Value.Revision));
    }

    [Fact]
    public void A_changed_config_is_read_again_but_not_before_the_batch_is_delivered()
    {
        Live(acknowledge: true);
        var key = SourceData.Key("ape", ResourceKind.Services, "default/web");
        var revision = Etcd.Write(SourceWrite.Put(key, "v"), SourceWrite.Put(SourceData.ConfigKey("ape"), SourceData.Config(id: 9)));

        _sync.TakeBatch(new(Etcd.Events(SourceRange.Prefix("cilium/"), revision, 10), revision, 0));

        Assert.Equal(SyncStep.Deliver, _sync.Next);
        _sync.Acknowledge(_sync.Pending!);
        Assert.Equal(SyncStep.ReadConfig, _sync.Next);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_config_that_goes_wrong_while_live_is_a_problem_until_it_is_right_again(bool deleted)
    {
        Live(acknowledge: true);
        Judge(deleted ? SourceWrite.Delete(SourceData.ConfigKey("ape")) : SourceWrite.Put(SourceData.ConfigKey("ape"), "garbage"));
        Assert.NotNull(_sync.ConfigProblem);
        Assert.Equal(SyncStep.Watch, _sync.Next);

        Judge(SourceWrite.Put(SourceData.ConfigKey("ape"), SourceData.Config()));
        Assert.Null(_sync.ConfigProblem);
        Assert.Equal(SyncStep.Watch, _sync.Next);
    }

    private void Judge(SourceWrite write)
    {
        var revision = Etcd.Write(write);
        _sync.TakeBatch(new(Etcd.Events(SourceRange.Prefix("cilium/"), revision, 10), revision, 0));
    }

    private bool TakeConfig()
    {
        var page = Etcd.List(SourceRange.Exactly(SourceData.ConfigKey("ape")), null, 0, 1);
        return _sync.TakeConfig(Etcd.ClusterId, new(page.Entries.Count > 0 ? page.Entries[0] : null, page.Revision), 0);
    }

    private void List()
    {
        while (_sync.NextPage is { } page)
        {
            _sync.TakePage(Etcd.List(page.Range, page.FromKey, page.Revision, 2), 0);
        }
    }

    private void Live(bool acknowledge)
    {
        _source.Export("ape", "default/echo");
        TakeConfig();
        List();
        if (acknowledge)
        {
            _sync.Acknowledge(_sync.Pending!);
        }
    }
}
