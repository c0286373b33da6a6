using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;

namespace KvStoreMesh.Actors.Tests.Mesh;

public sealed class MeshMembershipTests
{
    private readonly MeshMembership _membership = new(definition => new(
        definition,
        new RemoteClusterHandover(new RemoteClusterOptions(), new Random(1)),
        new ReconnectBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.Zero, new Random(1))));

    [Fact]
    public void A_new_cluster_starts_and_a_known_one_gets_the_new_definition()
    {
        Assert.Equal(MembershipStep.Start, _membership.Configure(Some.Definition("ape", "1")));
        Member.IsRunning = true;
        Assert.Equal(MembershipStep.Reconfigure, _membership.Configure(Some.Definition("ape", "2")));
        Assert.Equal("2", Member.Definition.ConfigText);
    }

    [Fact]
    public void Removing_an_unknown_cluster_means_nothing() =>
        Assert.Equal(MembershipStep.None, _membership.Remove(Some.Cluster("ape")));

    [Fact]
    public void While_it_drains_the_latest_configuration_waits_and_is_replayed_at_the_end()
    {
        Drain();

        Assert.Equal(MembershipStep.Delay, _membership.Configure(Some.Definition("ape", "2")));
        Assert.Equal(MembershipStep.Delay, _membership.Configure(Some.Definition("ape", "3")));

        Assert.Equal(MembershipStep.Replay, End());
        Assert.Equal("3", Member.Definition.ConfigText);
        Assert.False(Member.IsDraining);
    }

    [Fact]
    public void A_removal_cancels_the_configuration_that_waits()
    {
        Drain();
        _membership.Configure(Some.Definition("ape", "2"));

        Assert.Equal(MembershipStep.CancelDelayed, _membership.Remove(Some.Cluster("ape")));
        Assert.Equal(MembershipStep.None, _membership.Remove(Some.Cluster("ape")));
        Assert.Equal(MembershipStep.Forget, End());
        Assert.Empty(_membership.Members);
    }

    [Fact]
    public void What_follows_a_drain_starts_with_nothing()
    {
        Drain();
        var before = Member.Handover;
        _membership.Configure(Some.Definition("ape", "2"));
        End();

        Assert.NotSame(before, Member.Handover);
    }

    [Fact]
    public void An_end_without_a_drain_is_a_crash_and_keeps_the_handover()
    {
        _membership.Configure(Some.Definition("ape", "1"));
        Member.IsRunning = true;
        var before = Member.Handover;

        Assert.Equal(MembershipStep.Restart, _membership.Ended(Member));
        Assert.Same(before, Member.Handover);
        Assert.Equal(MembershipStep.None, _membership.Configure(Some.Definition("ape", "2")));
        Assert.Equal("2", Member.Definition.ConfigText);
    }

    [Fact]
    public void Removing_a_crashed_cluster_starts_an_actor_to_drain_it()
    {
        _membership.Configure(Some.Definition("ape", "1"));
        Member.IsRunning = true;
        _membership.Ended(Member);

        Assert.Equal(MembershipStep.Start, _membership.Remove(Some.Cluster("ape")));
        Assert.True(Member.IsDraining);
    }

    [Fact]
    public void A_crash_while_it_drains_is_restarted_and_drains_again()
    {
        Drain();

        Assert.Equal(MembershipStep.Restart, _membership.Ended(Member));
        Assert.True(Member.IsDraining);
    }

    private MeshMember Member =>
        _membership.TryGet(Some.Cluster("ape"), out var member) ? member : throw new InvalidOperationException("no member");

    private void Drain()
    {
        _membership.Configure(Some.Definition("ape", "1"));
        Member.IsRunning = true;
        Assert.Equal(MembershipStep.Drain, _membership.Remove(Some.Cluster("ape")));
    }

    private MembershipStep End()
    {
        Member.IsDrained = true;
        return _membership.Ended(Member);
    }
}
