using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Integration;

/// <summary>A leader that is killed is followed, a leader that stops hands over; no key is missed on the way.</summary>
public sealed class LeaderTests : TwoDaemons
{
    [EtcdFact]
    public async Task The_lead_passes_from_a_killed_daemon_to_the_next_and_from_a_stopped_one_at_once()
    {
        await StartBothAsync();
        Daemons[0].Kill();
        await ChangeAsync("second");
        await MirroredAsync("second");
        await SaysAsync(1, "This daemon leads");
        Assert.Single(await ContendersAsync());

        Start(0);
        await EventuallyAsync(async () => (await ContendersAsync()).Count == 2);
        await Daemons[1].StopAsync(Limit);
        Assert.Single(await ContendersAsync());
        await ChangeAsync("third");
        await MirroredAsync("third");
    }
}
