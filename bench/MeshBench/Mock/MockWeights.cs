using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.MeshBench.Mock;

/// <summary>How often each resource changes, in relation to the others.</summary>
public sealed record MockWeights(double Nodes, double Identities, double Endpoints, double Services)
{
    /// <summary>Cilium's scale test, 325 events/s for 250 clusters: 0.1, 0.2 and 1 a second for each; and some for the services it has not.</summary>
    public static MockWeights ScaleTest { get; } = new(0.1, 0.2, 1, 0.05);

    public IEnumerable<(ResourceKind Kind, double Weight)> All =>
    [
        (ResourceKind.Nodes, Nodes),
        (ResourceKind.Identities, Identities),
        (ResourceKind.Endpoints, Endpoints),
        (ResourceKind.Services, Services),
    ];
}
