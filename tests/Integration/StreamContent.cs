using Grpc.Core;
using Grpc.Net.Client;
using KvStoreMesh.Protos.V1;
using Record = KvStoreMesh.Protos.V1.Record;

namespace KvStoreMesh.Integration;

/// <summary>What a node agent that subscribes now is told of one cluster.</summary>
internal static class StreamContent
{
    /// <summary>Subscribes until the cluster's snapshot has come and, if wanted, its resources are called synced. Tries again until the limit.</summary>
    public static async Task<SortedDictionary<string, string>> OfAsync(int port, string cluster, int syncedResources, CancellationToken limit)
    {
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        var client = new Mesh.MeshClient(channel);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            try
            {
                return await ReadAsync(client, cluster, syncedResources, limit);
            }
            catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.Internal)
            {
                await pause.WaitForNextTickAsync(limit);
            }
        }
    }

    private static async Task<SortedDictionary<string, string>> ReadAsync(
        Mesh.MeshClient client, string cluster, int syncedResources, CancellationToken limit)
    {
        using var call = client.Subscribe(cancellationToken: limit);
        await call.RequestStream.WriteAsync(
            new ClientFrame { Hello = new Hello { ProtocolMin = 1, ProtocolMax = 1, NodeName = "reader", InstanceId = Guid.NewGuid().ToString("n") } }, limit);
        var content = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var synced = new HashSet<ResourceKind>();
        var (index, loaded) = (0U, false);
        await foreach (var frame in call.ResponseStream.ReadAllAsync(limit))
        {
            switch (frame.FrameCase)
            {
                case ServerFrame.FrameOneofCase.SnapshotBegin when frame.SnapshotBegin.Cluster == cluster:
                    (index, loaded) = (frame.SnapshotBegin.ClusterIx, false);
                    content.Clear();
                    synced.Clear();
                    break;
                case ServerFrame.FrameOneofCase.SnapshotChunk when frame.SnapshotChunk.ClusterIx == index:
                    Apply(content, Delta.Parser.ParseFrom(frame.SnapshotChunk.Records).Records, index);
                    break;
                case ServerFrame.FrameOneofCase.SnapshotEnd when frame.SnapshotEnd.ClusterIx == index:
                    loaded = true;
                    break;
                case ServerFrame.FrameOneofCase.Delta:
                    Apply(content, frame.Delta.Records, index);
                    break;
                case ServerFrame.FrameOneofCase.EpochChange when frame.EpochChange.Cluster == cluster:
                    // Not in the reply to the Hello: it comes by the log.
                    (index, loaded) = (frame.EpochChange.ClusterIx, true);
                    break;
                case ServerFrame.FrameOneofCase.Synced when frame.Synced.ClusterIx == index:
                    synced.UnionWith(frame.Synced.Resources);
                    break;
            }

            if (loaded && synced.Count >= syncedResources && (syncedResources > 0 || content.Count > 0))
            {
                return content;
            }
        }

        throw new RpcException(new Status(StatusCode.Unavailable, "the stream ended"));
    }

    private static void Apply(SortedDictionary<string, string> content, IEnumerable<Record> records, uint index)
    {
        foreach (var record in records.Where(record => record.ClusterIx == index))
        {
            var key = $"{record.Kind}/{record.Name}";
            content.Remove(key);
            if (record.Op == Op.Put)
            {
                content.Add(key, record.Value.ToStringUtf8());
            }
        }
    }
}
