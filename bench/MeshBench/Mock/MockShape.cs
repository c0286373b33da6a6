namespace KvStoreMesh.MeshBench.Mock;

/// <summary>How many keys of each resource a mock cluster has.</summary>
public sealed record MockShape(int Nodes, int Identities, int Endpoints, int Services)
{
    /// <summary>Half of the node numbers that addresses have room for, so that a free one is found at once.</summary>
    public const int MaxNodes = 2_048;

    /// <summary>Half of the pod addresses.</summary>
    public const int MaxEndpoints = 32_768;

    /// <summary>Half of a cluster's identities.</summary>
    public const int MaxIdentities = 32_000;

    /// <summary>Keys of a cluster.</summary>
    public int Keys => Nodes + Identities + Endpoints + Services;

    /// <summary>The proportions of Cilium's scale test (nodes 100 : identities 100 : endpoints 1,000), and a few services.</summary>
    public static MockShape OfKeys(int keys)
    {
        var few = Math.Max(1, keys * 8 / 100);
        var services = Math.Max(1, keys * 2 / 100);
        return new MockShape(few, few, Math.Max(1, keys - (2 * few) - services), services).Checked();
    }

    /// <summary>This shape if the address space holds it.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public MockShape Checked() =>
        Nodes is >= 1 and <= MaxNodes && Identities is >= 1 and <= MaxIdentities && Endpoints is >= 1 and <= MaxEndpoints && Services >= 0
            ? this
            : throw new ArgumentException(
                $"a mock cluster has 1 to {MaxNodes} nodes, 1 to {MaxIdentities} identities and 1 to {MaxEndpoints} endpoints, not {this}");
}
