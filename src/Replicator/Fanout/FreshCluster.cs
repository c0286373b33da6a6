using Google.Protobuf;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>How fresh one cluster is, and what it holds.</summary>
/// <param name="View">The cluster.</param>
/// <param name="State">The daemon's connection to its source.</param>
/// <param name="Age">Since the source last proved that the daemon is up to date.</param>
internal readonly record struct FreshCluster(MeshClusterView View, SourceState State, TimeSpan Age)
{
    /// <summary>What a heartbeat says of it to a subscriber of these resources.</summary>
    public ClusterFreshness Tell(ResourceSet resources) => new()
    {
        ClusterIx = View.Index,
        State = State,
        AgeMs = (ulong)Math.Max(0, Age.TotalMilliseconds),
        Revision = View.Position.Revision,
        Seq = View.Seq,
        Fingerprint = View.IsComplete ? View.Position.Fingerprint : 0,

        // Before a cluster is complete, a subscriber may rightly hold more than this daemon.
        Digest = View.IsComplete ? ByteString.CopyFrom(View.Digests.Of(resources).ToBytes()) : ByteString.Empty,
    };
}
