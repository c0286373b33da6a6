namespace KvStoreMesh.NodeAgent.Kubernetes;

/// <summary>An object of a manifest, as far as service load balancing needs it.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
public abstract record KubernetesObject(string Namespace, string Name);
