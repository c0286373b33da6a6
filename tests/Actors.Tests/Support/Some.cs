using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Tests.Support;

/// <summary>Valid values of which a test does not care.</summary>
internal static class Some
{
    public static ClusterName Cluster(string name) => ClusterName.Parse(name);

    public static SourceDefinition Definition(string cluster, string text = "endpoints: []") =>
        new(Cluster(cluster), SourceRole.Remote, $"/clustermesh/{cluster}", text);
}
