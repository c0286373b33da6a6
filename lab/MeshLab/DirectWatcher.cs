using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;

namespace KvStoreMesh.MeshLab;

/// <summary>What an agent costs without the daemon: a connection and five watches at every etcd.</summary>
internal static class DirectWatcher
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    /// <summary>Runs until told to stop.</summary>
    public static Task RunAsync(string directory, IReadOnlyList<string> clusters, CancellationToken cancellationToken) =>
        Task.WhenAll(clusters.Select(cluster => WatchAsync(directory, cluster, cancellationToken)));

    private static async Task WatchAsync(string directory, string cluster, CancellationToken cancellationToken)
    {
        string[] prefixes =
        [
            $"cilium/state/nodes/v1/{cluster}/", "cilium/state/identities/v1/id/", "cilium/state/ip/v1/default/",
            $"cilium/state/services/v1/{cluster}/", $"cilium/synced/{cluster}/",
        ];
        using var channel = EtcdChannel.Open(directory, cluster, "remote");
        var client = new Watch.WatchClient(channel);
        while (true)
        {
            try
            {
                using var watch = client.Watch(cancellationToken: cancellationToken);
                foreach (var prefix in prefixes)
                {
                    await watch.RequestStream.WriteAsync(
                        new WatchRequest
                        {
                            CreateRequest = new WatchCreateRequest
                            {
                                Key = ByteString.CopyFromUtf8(prefix),
                                RangeEnd = ByteString.CopyFromUtf8($"{prefix[..^1]}0"),
                            },
                        },
                        cancellationToken);
                }

                while (await watch.ResponseStream.MoveNext(cancellationToken))
                {
                }
            }
            catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
            {
                Console.WriteLine($"{cluster}: {failure.Status.Detail}");
            }

            await Task.Delay(Retry, TimeProvider.System, cancellationToken);
        }
    }
}
