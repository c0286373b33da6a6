using Etcdserverpb;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Etcd.Rpc;

/// <summary>
/// Requires that every answer of a connection comes from the etcd cluster that answered first. Replicas behind one service
/// may be unrelated etcds with unrelated revisions (Cilium: pkg/clustermesh/common/interceptor.go). Any thread.
/// </summary>
internal sealed class ClusterIdGuard(string endpoint)
{
    private ulong _clusterId;

    /// <summary>The cluster ID of the first answer; 0 before it.</summary>
    public ulong ClusterId => Volatile.Read(ref _clusterId);

    /// <summary>Checks one answer.</summary>
    public void Check(ResponseHeader? header)
    {
        if (header is null || header.ClusterId == 0)
        {
            throw new SourceException(
                SourcePhase.Protocol, $"{endpoint} sent an answer without a cluster ID, so it is not an etcd: check what listens there");
        }

        var expected = Interlocked.CompareExchange(ref _clusterId, header.ClusterId, 0);
        if (expected != 0 && expected != header.ClusterId)
        {
            throw new SourceException(
                SourcePhase.Protocol,
                $"{endpoint}: etcd cluster ID has changed: expected {expected:x}, got {header.ClusterId:x}; its revisions mean "
                + "something else, so everything is read anew");
        }
    }
}
