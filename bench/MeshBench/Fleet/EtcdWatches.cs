using Etcdserverpb;
using Google.Protobuf;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>The requests that create a direct reader's watches.</summary>
internal static class EtcdWatches
{
    /// <summary>One watch of all clusters in a mirror: kinder to etcd than any agent.</summary>
    public static IReadOnlyList<byte[]> OfMirror { get; } = [Create(SourceRange.Prefix(CiliumKeys.Cache))];

    /// <summary>What Cilium's client of a remote cluster watches: the heartbeat, the canaries and four resources.</summary>
    public static IReadOnlyList<byte[]> OfAgent(string cluster)
    {
        var layout = new SourceLayout(ClusterName.Parse(cluster), new ClusterCapabilities(true, false, 255, null, EndpointSlicesExportMode.ServicesOnly));
        return
        [
            Create(SourceRange.Exactly(CiliumKeys.Heartbeat)),
            Create(SourceRange.Prefix(CiliumKeys.Canaries(ClusterName.Parse(cluster)))),
            .. layout.Resources.Select(kind => Create(layout.RangeOf(kind))),
        ];
    }

    private static byte[] Create(SourceRange range) => new WatchRequest
    {
        CreateRequest = new WatchCreateRequest { Key = ByteString.CopyFromUtf8(range.Start), RangeEnd = ByteString.CopyFromUtf8(range.End) },
    }.ToByteArray();
}
