using System.Net;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Kubernetes;

/// <summary>A Kubernetes Service.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Annotations">What its annotations say about ClusterMesh.</param>
/// <param name="ClusterIps">Its cluster IPs; none of a headless service, or of one that is only a name.</param>
/// <param name="Ports">Its ports.</param>
/// <param name="AffinitySeconds">The timeout of <c>sessionAffinity: ClientIP</c>; 0 without.</param>
/// <param name="IsNodeLocal"><c>internalTrafficPolicy: Local</c>.</param>
public sealed record ServiceManifest(
    string Namespace,
    string Name,
    ServiceAnnotations Annotations,
    IReadOnlyList<IPAddress> ClusterIps,
    IReadOnlyList<ManifestPort> Ports,
    uint AffinitySeconds,
    bool IsNodeLocal) : KubernetesObject(Namespace, Name);
