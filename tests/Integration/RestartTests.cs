using System.Net;
using System.Net.Sockets;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Integration;

/// <summary>The daemon's program with a state directory, killed without a word at any instant.</summary>
public sealed class RestartTests : IDisposable
{
    private const int Resources = 4;

    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(3));
    private readonly DaemonProcess _daemon = new();
    private readonly SourceCluster _cluster = new("b", 2);
    private readonly int _port = FreePort();

    public void Dispose()
    {
        _daemon.Dispose();
        _limit.Dispose();
    }

    [EtcdTheory]
    [InlineData(1)]
    public async Task Killed_at_any_instant_under_churn_nothing_is_lost_and_nothing_comes_back(int seed)
    {
        var random = new Random(seed);
        await using var source = await EtcdProcess.StartAsync();
        await using var local = await EtcdProcess.StartAsync();
        using var writer = source.Writer();
        await writer.WriteAsync(_cluster.Announcement());
        _daemon.Configure("b", source.Definition("x").ConfigText);
        for (var life = 0; life < 6; life++)
        {
            Start(local);
            if (random.Next(2) == 0)
            {
                // Far enough to have served and stored something; otherwise it dies while it starts.
                await ReadAsync(Resources);
            }

            for (var transactions = random.Next(30); transactions > 0; transactions--)
            {
                await writer.WriteAsync(_cluster.Churn(random));
            }

            _daemon.Kill();
            long revision = 0;
            for (var transactions = random.Next(6); transactions > 0; transactions--)
            {
                revision = await writer.WriteAsync(_cluster.Churn(random));
            }

            if (revision > 0 && random.Next(3) == 0)
            {
                await writer.CompactAsync(revision);
            }
        }

        Start(local);
        await EventuallyAsync(async () => Assert.Equal(Served(), await ReadAsync(Resources)));
        await EventuallyAsync(async () => Assert.Equal(Mirrored(), await LocalAsync(local)));

        // And once more with the source down: what is served then is what was stored.
        await EventuallyAsync(() =>
        {
            Assert.Contains("is watched from revision", _daemon.Output, StringComparison.Ordinal);
            return Task.CompletedTask;
        });
        await StoredAsync();
        _daemon.Kill();
        await source.KillAsync();
        Start(local);
        Assert.Equal(Served(), await ReadAsync(0));
        Assert.Equal(Mirrored(), await LocalAsync(local));
    }

    // A proof is written only when everything before it is, and at a clean stop there is nothing left.
    private async Task StoredAsync()
    {
        await _daemon.StopAsync(_limit.Token);
        _daemon.Kill();
    }

    private void Start(EtcdProcess local) =>
        _daemon.Start(local.Definition("x").ConfigText, $"--state-dir={_daemon.StateDirectory}", $"--listen=127.0.0.1:{_port}");

    private Task<SortedDictionary<string, string>> ReadAsync(int synced) => StreamContent.OfAsync(_port, "b", synced, _limit.Token);

    private SortedDictionary<string, string> Served() => new(_cluster.Served().ToDictionary(), StringComparer.Ordinal);

    private SortedDictionary<string, string> Mirrored() => new(_cluster.Mirror().Where(pair => IsData(pair.Key)).ToDictionary(), StringComparer.Ordinal);

    private async Task<SortedDictionary<string, string>> LocalAsync(EtcdProcess local) =>
        new((await EtcdContent.OfAsync(local, _limit.Token)).Where(pair => IsData(pair.Key)).ToDictionary(), StringComparer.Ordinal);

    private static bool IsData(string key) => key.StartsWith("cilium/cache/", StringComparison.Ordinal);

    private async Task EventuallyAsync(Func<Task> assertion)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            try
            {
                await assertion();
                return;
            }
            catch (Xunit.Sdk.XunitException error)
            {
                if (!await pause.WaitForNextTickAsync(CancellationToken.None) || _limit.IsCancellationRequested)
                {
                    Assert.Fail($"{error.Message}\n{_daemon.Output}");
                }
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
