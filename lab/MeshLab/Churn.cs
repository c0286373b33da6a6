using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;

namespace KvStoreMesh.MeshLab;

/// <summary>Endpoints that come and go at each cluster, and its heartbeat. An etcd that does not answer is passed over.</summary>
internal static class Churn
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Runs until told to stop.</summary>
    public static Task RunAsync(string directory, double rate, IReadOnlyList<LabCluster> clusters, CancellationToken cancellationToken) =>
        Task.WhenAll(clusters.Select(cluster => RunAsync(directory, rate, cluster, cancellationToken)));

    private static async Task RunAsync(string directory, double rate, LabCluster cluster, CancellationToken cancellationToken)
    {
        using var channel = EtcdChannel.Open(directory, cluster.Name, "root");
        var kv = new KV.KVClient(channel);
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1 / rate));
        long? beaten = null;
        for (var round = 0; await tick.WaitForNextTickAsync(cancellationToken); round++)
        {
            try
            {
                if (beaten is null || TimeProvider.System.GetElapsedTime(beaten.Value) > HeartbeatInterval)
                {
                    await PutAsync(kv, LabValues.Heartbeat(), cancellationToken);
                    beaten = TimeProvider.System.GetTimestamp();
                }

                // 100 addresses beside the backends': each is put, and deleted half a round later.
                var (key, value) = LabValues.Endpoint(cluster, $"10.{cluster.Id}.0.{100 + (round % 100)}");
                await PutAsync(kv, (key, value), cancellationToken);
                var (old, _) = LabValues.Endpoint(cluster, $"10.{cluster.Id}.0.{100 + ((round + 50) % 100)}");
                await kv.DeleteRangeAsync(
                    new DeleteRangeRequest { Key = ByteString.CopyFromUtf8(old) }, deadline: Deadline(), cancellationToken: cancellationToken);
            }
            catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
            {
                Console.WriteLine($"{cluster.Name}: {failure.Status.Detail}");
            }
        }
    }

    private static async Task PutAsync(KV.KVClient kv, (string Key, string Value) pair, CancellationToken cancellationToken) => await kv.PutAsync(
        new PutRequest { Key = ByteString.CopyFromUtf8(pair.Key), Value = ByteString.CopyFromUtf8(pair.Value) },
        deadline: Deadline(),
        cancellationToken: cancellationToken);

    private static DateTime Deadline() => (TimeProvider.System.GetUtcNow() + CallTimeout).UtcDateTime;
}
