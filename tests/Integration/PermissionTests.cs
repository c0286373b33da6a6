using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Integration;

/// <summary>
/// The daemon between etcds that require TLS and authentication: at the source it is Cilium's user <c>remote</c> with its
/// exact ranges, at the local etcd a user who may write what the mirror consists of. Neither has any right beside.
/// </summary>
public sealed class PermissionTests : IDisposable
{
    private const string Password = "s3cr3t-pa55";

    // What the documentation tells an operator to grant.
    private static readonly SourceRange[] SinkRanges =
    [
        .. new[] { "cilium/cache/", "cilium/cluster-config/", "cilium/synced/", "cilium/kvstoremesh-lock/" }.Select(SourceRange.Prefix),
        SourceRange.Exactly("cilium/.heartbeat"),
    ];

    private readonly CancellationToken _limit = new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;
    private readonly TestCertificates _certificates = new();
    private readonly DaemonProcess _daemon = new();

    public void Dispose()
    {
        _daemon.Dispose();
        _certificates.Dispose();
    }

    [EtcdTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_user_remote_and_a_user_of_the_mirror_are_enough(bool byPassword)
    {
        await using var source = await EtcdProcess.StartAsync(new EtcdProcessOptions { Tls = _certificates });
        await using var local = await EtcdProcess.StartAsync(new EtcdProcessOptions { Tls = _certificates });
        var cluster = new SourceCluster("b", 2);
        using var writer = source.Writer();
        await writer.WriteAsync(cluster.Announcement());
        await writer.WriteAsync(cluster.Churn(new Random(1)));
        await writer.EnableAuthAsync("b", Password);
        using (var administrator = local.Writer())
        {
            await administrator.AddRoleAsync("sink", write: true, SinkRanges, byPassword ? Password : null);
            await administrator.EnableAuthAsync();
        }

        var stranger = _certificates.Issue("stranger");
        _daemon.Configure("b", byPassword
            ? source.Definition("b", stranger, $"username: mesh\npassword: {Password}").ConfigText
            : source.Definition("b", _certificates.Issue("remote")).ConfigText);
        _daemon.Start(byPassword
            ? local.Definition("x", stranger, $"username: sink\npassword: {Password}").ConfigText
            : local.Definition("x", _certificates.Issue("sink")).ConfigText);

        await MirroredAsync(local, cluster);
        await writer.WriteAsync(cluster.Churn(new Random(2)));
        await MirroredAsync(local, cluster);

        // Nobody was refused anything on the way, and no password was told.
        Assert.DoesNotContain("does not permit", _daemon.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, _daemon.Output, StringComparison.Ordinal);

        await _daemon.StopAsync(_limit);
        Assert.DoesNotContain("could not be given back", _daemon.Output, StringComparison.Ordinal);
    }

    private async Task MirroredAsync(EtcdProcess local, SourceCluster cluster)
    {
        var expected = new SortedDictionary<string, string>(cluster.Mirror().ToDictionary(), StringComparer.Ordinal);
        var root = _certificates.Issue("root");
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        SortedDictionary<string, string> found = [];
        try
        {
            do
            {
                found = await EtcdContent.OfAsync(local, _limit, root);
                foreach (var canary in found.Keys.Where(key => key.StartsWith("cilium/synced/", StringComparison.Ordinal)).ToArray())
                {
                    found[canary] = "";
                }
            }
            while (!found.SequenceEqual(expected) && await pause.WaitForNextTickAsync(_limit));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the local etcd holds {found.Count} keys, {expected.Count} are wanted\n{_daemon.Output}");
        }
    }
}
