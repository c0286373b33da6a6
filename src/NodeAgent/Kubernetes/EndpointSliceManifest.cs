namespace KvStoreMesh.NodeAgent.Kubernetes;

/// <summary>A Kubernetes EndpointSlice: some of a service's backends.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Service">The service of the namespace that it belongs to; empty if its label does not say, then it is of no use.</param>
/// <param name="Ports">The ports of every endpoint.</param>
/// <param name="Endpoints">The endpoints.</param>
public sealed record EndpointSliceManifest(
    string Namespace, string Name, string Service, IReadOnlyList<ManifestPort> Ports, IReadOnlyList<SliceEndpoint> Endpoints)
    : KubernetesObject(Namespace, Name);
