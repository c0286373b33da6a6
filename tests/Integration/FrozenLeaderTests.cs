using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Integration;

/// <summary>A leader that is frozen for longer than its lock lives: what it wakes up with must not be written.</summary>
public sealed class FrozenLeaderTests : TwoDaemons
{
    [EtcdFact]
    public async Task A_frozen_leader_is_followed_and_stands_by_when_it_wakes_up()
    {
        await StartBothAsync();
        Daemons[0].Freeze();
        await ChangeAsync("second");
        await MirroredAsync("second");
        Daemons[0].Thaw();
        await SaysAsync(0, "The lead is lost");
        await SaysAsync(0, "this one stands by");
        await EventuallyAsync(async () => (await ContendersAsync()).Count == 2);

        // The new leader goes on, and the old one has changed nothing.
        await MirroredAsync("second");
        await ChangeAsync("third");
        await MirroredAsync("third");
    }
}
