using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.IpCache;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Addresses outside of the mesh. Pods and nodes have identities of their own, which a prefix never selects.</summary>
/// <param name="prefix">The prefix. Of length 0 it is the world of its family.</param>
/// <param name="except">Prefixes within it that are not meant.</param>
public sealed class CidrPeer(IpPrefix prefix, IReadOnlyList<IpPrefix> except) : PeerSelector
{
    /// <summary>The prefixes that need an identity, so that the ipcache tells their addresses apart: also those left out.</summary>
    public IEnumerable<IpPrefix> Prefixes => prefix.Length == 0 ? except : [prefix, .. except];

    /// <inheritdoc />
    public override string Text => except.Count == 0 ? $"cidr {prefix}" : $"cidr {prefix} except {string.Join(',', except)}";

    /// <inheritdoc />
    public override bool Matches(SecurityIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        if (identity.Cidr is { } cidr)
        {
            return prefix.Contains(cidr) && !except.Any(left => left.Contains(cidr));
        }

        return prefix.Length == 0 && identity.Id == (prefix.IsIpv6 ? ReservedIdentities.WorldIpv6Id : ReservedIdentities.WorldIpv4Id);
    }
}
