using System.Net;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Kubernetes;

/// <summary>An endpoint of a slice.</summary>
/// <param name="Addresses">Its addresses; all are of the slice's family.</param>
/// <param name="State">What its conditions mean.</param>
/// <param name="NodeName">The node it runs on; empty if not told.</param>
public sealed record SliceEndpoint(IReadOnlyList<IPAddress> Addresses, BackendState State, string NodeName)
{
    /// <summary>
    /// What conditions mean (Cilium: pkg/k8s/endpoints.go). A condition that is not told: an endpoint is ready, serves if it is ready,
    /// and is not terminating.
    /// </summary>
    public static BackendState StateOf(bool? ready, bool? serving, bool? terminating) =>
        ready ?? true ? BackendState.Active
        : terminating != true ? BackendState.Maintenance
        : serving ?? false ? BackendState.Terminating
        : BackendState.TerminatingNotServing;
}
