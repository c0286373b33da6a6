using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.Mesh;

public sealed class LogTests(ITestOutputHelper output) : MeshActorTest(output)
{
    private const string Secret = "endpoints: []\npassword: hunter2";

    [Fact]
    public async Task A_life_reads_as_Ciliums_does_and_never_shows_the_etcd_configuration()
    {
        Source().Export("ape", "default/echo");
        Configure(text: Secret);
        await ReadyAsync();
        Source().Kill();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        await EventuallyAsync(() => Assert.InRange(Status()!.Failures, 2, int.MaxValue), Options.BackoffMin);
        Remove();
        await EventuallyAsync(() => Assert.Null(Status()));

        string[] expected =
        [
            "Connecting to remote cluster ape (/clustermesh/ape)",
            "Connection to remote cluster established: ape at fake://ape, etcd e7cd0001",
            "Found remote cluster configuration of ape",
            "Remote cluster ape is watched from revision",
            "Error observed on etcd connection, reconnecting etcd of remote cluster ape, Watch: connection lost",
            "Unable to establish etcd connection to remote cluster ape (/clustermesh/ape), Tcp: ape: connection refused",
            "Remote cluster disconnected: ape",
            "Connection to remote cluster stopped: ape",
        ];
        await EventuallyAsync(() => Assert.Equal(
            expected.Length, expected.Count(text => Logged.Entries.Any(entry => entry.Text.StartsWith(text, StringComparison.Ordinal)))));
        Assert.DoesNotContain(Logged.Entries, entry => entry.Text.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_source_that_is_down_for_an_hour_is_a_handful_of_warnings()
    {
        Source().Kill();
        Configure();
        await PhaseAsync(RemoteClusterPhase.BackingOff);
        var start = VirtualNow;
        await EventuallyAsync(() => Assert.True(VirtualNow - start > TimeSpan.FromHours(1)), TimeSpan.FromSeconds(10));

        Assert.InRange(Status()!.Failures, 30, int.MaxValue);
        Assert.InRange(Logged.Entries.Count(entry => entry.Level >= LogLevel.Warning), 1, 7);
        Assert.InRange(Logged.Entries.Count(entry => entry.Level == LogLevel.Information), 1, 3);
    }
}
