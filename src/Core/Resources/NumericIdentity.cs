using System.Globalization;

namespace KvStoreMesh.Core.Resources;

/// <summary>The numbers of security identities that mean the same in every cluster, and how numbers are read.</summary>
public static class NumericIdentity
{
    /// <summary>The node itself.</summary>
    public const uint Host = 1;

    /// <summary>Everything outside the mesh.</summary>
    public const uint World = 2;

    /// <summary>The health endpoint of a node.</summary>
    public const uint Health = 4;

    /// <summary>Any node but the own one.</summary>
    public const uint RemoteNode = 6;

    /// <summary>The ingress proxy of a node.</summary>
    public const uint Ingress = 8;

    /// <summary>The first number that is not reserved.</summary>
    public const uint FirstUnreserved = 256;

    /// <summary>The number has a fixed meaning and belongs to no cluster.</summary>
    public static bool IsReserved(uint identity) => identity < FirstUnreserved;

    /// <summary>An identity of another node as seen from here: its own host is a remote node to others.</summary>
    public static uint OfRemote(uint identity) => identity == Host ? RemoteNode : identity;

    /// <summary>Reads the last part of an identity's key: decimal digits only.</summary>
    public static bool TryParse(string keyName, out uint identity) =>
        uint.TryParse(keyName, NumberStyles.None, CultureInfo.InvariantCulture, out identity);
}
