using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd;
using KvStoreMesh.TestSupport.Etcd;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>The roles of a cluster's etcd, on a real one: each reads its ranges to the last key, and nothing beside them.</summary>
internal sealed class RbacVectors(GoldenCase golden)
{
    private static readonly string[] Outside = ["cilium/", "cilium/other/", "cilium/cluster-config/other", "cilium/synced/other/"];

    public async Task RunAsync()
    {
        if (EtcdBinary.SkipReason is not null)
        {
            return;
        }

        using var certificates = new TestCertificates();
        await using var etcd = await EtcdProcess.StartAsync(new EtcdProcessOptions { Tls = certificates });
        using var writer = etcd.Writer();
        var roles = golden.Expect.GetProperty("roles").EnumerateObject().ToDictionary(
            role => role.Name, role => role.Value.EnumerateArray().Select(range => new SourceRange(range[0].GetString()!, range[1].GetString()!)).ToList());
        foreach (var (role, ranges) in roles)
        {
            await writer.AddRoleAsync(role, write: false, ranges);
        }

        await writer.EnableAuthAsync();
        foreach (var (role, ranges) in roles)
        {
            await using var connection = await new EtcdSourceConnector(
                new EtcdSourceOptions(), TimeProvider.System, new Random(1), NullLogger<EtcdSourceConnector>.Instance)
                .ConnectAsync(etcd.Definition("ape", certificates.Issue(role)), CancellationToken.None);
            foreach (var range in ranges)
            {
                var page = await connection.ListAsync(range, null, 0, CancellationToken.None);
                await using var watch = await connection.WatchAsync([range], page.Revision + 1, CancellationToken.None);
            }

            var forbidden = Outside.Select(SourceRange.Prefix).Where(range => !ranges.Any(own => Covers(own, range)));
            foreach (var range in forbidden)
            {
                var refused = await Assert.ThrowsAsync<SourceException>(() => connection.ListAsync(range, null, 0, CancellationToken.None));
                Assert.Equal(SourcePhase.Auth, refused.Phase);
            }
        }
    }

    private static bool Covers(SourceRange own, SourceRange range) =>
        string.CompareOrdinal(own.Start, range.Start) <= 0 && string.CompareOrdinal(range.End, own.End) <= 0;
}
