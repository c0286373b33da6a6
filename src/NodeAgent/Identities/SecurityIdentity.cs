using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.IpCache;

namespace KvStoreMesh.NodeAgent.Identities;

/// <summary>Who policy talks about: a number, and the labels it stands for.</summary>
/// <param name="Id">The number, as in the ipcache and in policy maps.</param>
/// <param name="Labels">The labels.</param>
/// <param name="Cidr">The prefix of an identity that stands for addresses outside of the mesh; else null.</param>
public sealed record SecurityIdentity(uint Id, IReadOnlyList<IdentityLabel> Labels, IpPrefix? Cidr = null)
{
    /// <summary>The first number of those that mean something on this node only.</summary>
    public const uint FirstLocal = 0x01000001;

    /// <summary>The last one.</summary>
    public const uint LastLocal = 0x01FFFFFF;

    /// <summary>The number means something on this node only (Cilium: IdentityScopeLocal).</summary>
    public static bool IsLocal(uint id) => id is >= FirstLocal and <= LastLocal;

    /// <summary>The labels in one text that is equal for equal sets.</summary>
    public static string KeyOf(IEnumerable<IdentityLabel> labels) =>
        string.Join(';', labels.Select(label => label.ToString()).Order(StringComparer.Ordinal));

    /// <summary>Whether it has a label of this key, from this source or, if that is empty, any.</summary>
    public bool Has(string source, string key) => Labels.Any(label => label.Key == key && (source.Length == 0 || label.Source == source));
}
