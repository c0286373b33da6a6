using Grpc.Core;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Protos.V1;
using ResumeToken = KvStoreMesh.Core.Cache.ResumeToken;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>Reads what a Hello says of where the subscriber stands. A wrong claim harms nobody else, a malformed one is refused.</summary>
internal static class ResumeClaims
{
    /// <summary>Claims of one Hello: Cilium's largest mesh twice.</summary>
    public const int Max = 1024;

    /// <summary>The tokens by cluster; none if the subscriber does not resume.</summary>
    /// <param name="hello">The Hello.</param>
    /// <param name="instance">This start of the daemon: seqs count only if they are its own.</param>
    /// <exception cref="RpcException">A token is malformed.</exception>
    public static Dictionary<ClusterName, ResumeToken> Of(Hello hello, DaemonInstance instance)
    {
        var claims = new Dictionary<ClusterName, ResumeToken>();
        if (!StreamFeatures.Known.And(hello.Features).Resume)
        {
            return claims;
        }

        if (hello.Resume.Count > Max)
        {
            throw Refuse($"{hello.Resume.Count} resume tokens, more than {Max}");
        }

        var ownSeqs = hello.ResumeInstance == instance.Id;
        foreach (var token in hello.Resume)
        {
            if (!ClusterName.TryParse(token.Cluster, out var cluster, out var error))
            {
                throw Refuse($"a resume token's cluster: {error}");
            }

            if (token.Seq < 0 || token.Revision < 0 || (token.Digest.Length != 0 && token.Digest.Length != ContentDigest.Size))
            {
                throw Refuse($"the resume token of cluster {cluster} has a negative number, or a digest that is not of {ContentDigest.Size} bytes");
            }

            var position = new SourcePosition(new SourceEpoch(token.Epoch), token.Revision, token.Fingerprint);
            if (!claims.TryAdd(cluster, new(ownSeqs ? token.Seq : 0, position, ContentDigest.Read(token.Digest.Span))))
            {
                throw Refuse($"two resume tokens of cluster {cluster}");
            }
        }

        return claims;
    }

    private static RpcException Refuse(string detail) => new(new Status(StatusCode.InvalidArgument, detail));
}
