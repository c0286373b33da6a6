namespace KvStoreMesh.NodeAgent.IpCache;

/// <summary>Cilium's reserved identities that appear in rows of nodes.</summary>
internal static class ReservedIdentity
{
    /// <summary>This node.</summary>
    public const uint Host = 1;

    /// <summary>Anything outside.</summary>
    public const uint World = 2;

    /// <summary>The health endpoint of a node.</summary>
    public const uint Health = 4;

    /// <summary>Another node.</summary>
    public const uint RemoteNode = 6;

    /// <summary>The ingress endpoint of a node.</summary>
    public const uint Ingress = 8;
}
