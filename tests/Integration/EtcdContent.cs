using System.Text;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd;
using KvStoreMesh.TestSupport.Etcd;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.Integration;

/// <summary>Everything an etcd holds below <c>cilium/</c>, without the locks of those who want to write.</summary>
internal static class EtcdContent
{
    private static readonly EtcdSourceConnector Connector = new(
        new EtcdSourceOptions(), TimeProvider.System, new Random(1), NullLogger<EtcdSourceConnector>.Instance);

    /// <summary>Who wants to write, the leader first.</summary>
    public static async Task<IReadOnlyList<string>> ContendersAsync(EtcdProcess etcd, CancellationToken cancellationToken)
    {
        await using var connection = await Connector.ConnectAsync(etcd.Definition("reader"), cancellationToken);
        var page = await connection.ListAsync(SourceRange.Prefix(SinkKeys.Locks), null, 0, cancellationToken);
        return [.. page.Entries.OrderBy(entry => entry.CreateRevision).Select(entry => entry.Key)];
    }

    public static async Task<SortedDictionary<string, string>> OfAsync(
        EtcdProcess etcd, CancellationToken cancellationToken, (string CertFile, string KeyFile)? certificate = null)
    {
        var content = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await using var connection = await Connector.ConnectAsync(etcd.Definition("reader", certificate), cancellationToken);
        string? from = null;
        long revision = 0;
        do
        {
            var page = await connection.ListAsync(SourceRange.Prefix("cilium/"), from, revision, cancellationToken);
            foreach (var entry in page.Entries.Where(entry => !entry.Key.StartsWith(SinkKeys.Locks, StringComparison.Ordinal)))
            {
                content[entry.Key] = Encoding.UTF8.GetString(entry.Value);
            }

            (from, revision) = (page.NextKey, page.Revision);
        }
        while (from is not null);
        return content;
    }
}
