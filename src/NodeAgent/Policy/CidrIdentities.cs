using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.IpCache;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>
/// Gives an identity to every prefix that policies name, and rows in the ipcache that lead to it: the weakest claims there
/// are, since a prefix never stands for a pod or a node. Not thread-safe: owned by the apply loop.
/// </summary>
internal sealed class CidrIdentities(LocalIdentityAllocator allocator, Func<IpPrefix, uint> adopted)
{
    private readonly Dictionary<IpPrefix, SecurityIdentity> _held = [];

    /// <summary>Holds exactly these prefixes.</summary>
    public void Hold(IReadOnlySet<IpPrefix> prefixes, IdentityTable identities, IpCacheTable ipCache)
    {
        foreach (var (prefix, identity) in _held.Where(pair => !prefixes.Contains(pair.Key)).ToList())
        {
            _held.Remove(prefix);
            allocator.Release(KeyOf(prefix));
            identities.Remove(identity.Id);
            ipCache.RemoveOwn(KeyOf(prefix), prefix, IpCacheSource.Generated);
        }

        foreach (var prefix in prefixes.Where(prefix => !_held.ContainsKey(prefix)))
        {
            _held.Add(prefix, new(allocator.Acquire(KeyOf(prefix), adopted(prefix)), LabelsOf(prefix), prefix));
            Tell(prefix, identities, ipCache);
        }
    }

    /// <summary>Tells new tables what is held.</summary>
    public void TellAll(IdentityTable identities, IpCacheTable ipCache)
    {
        foreach (var prefix in _held.Keys)
        {
            Tell(prefix, identities, ipCache);
        }
    }

    private void Tell(IpPrefix prefix, IdentityTable identities, IpCacheTable ipCache)
    {
        var identity = _held[prefix];
        identities.Add(identity);
        ipCache.UpsertOwn(KeyOf(prefix), prefix, identity.Id, IpCacheSource.Generated);
    }

    private static string KeyOf(IpPrefix prefix) => $"cidr:{prefix}";

    // Labels take no colons: Cilium writes an IPv6 address with dashes, and with a digit at both ends.
    private static IReadOnlyList<IdentityLabel> LabelsOf(IpPrefix prefix)
    {
        var text = prefix.ToString().Replace(':', '-');
        text = text.StartsWith('-') ? "0" + text : text;
        return
        [
            new("cidr", text.Replace("-/", "-0/", StringComparison.Ordinal), string.Empty),
            new(IdentityLabel.Reserved, prefix.IsIpv6 ? ReservedIdentities.WorldIpv6 : ReservedIdentities.WorldIpv4, string.Empty),
        ];
    }
}
