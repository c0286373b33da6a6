using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>What the programs find in a policy map (<c>Programs/policy.c</c>): the longest match for the identity and for any, and of the two the higher precedence.</summary>
internal static class PolicyMapLookup
{
    /// <summary>The entry that decides; null if there is none, which drops.</summary>
    public static KeyValuePair<PolicyKey, PolicyEntry>? Find(
        IReadOnlyDictionary<PolicyKey, PolicyEntry> entries, uint identity, PolicyDirection direction, byte protocol, ushort port)
    {
        var specific = Longest(entries, identity, direction, protocol, port);
        var any = Longest(entries, 0, direction, protocol, port);
        return (specific, any) switch
        {
            (null, _) => any,
            (_, null) => specific,
            _ when specific.Value.Value.Precedence != any.Value.Value.Precedence =>
                specific.Value.Value.Precedence > any.Value.Value.Precedence ? specific : any,
            _ => any.Value.Key.PrefixLength > specific.Value.Key.PrefixLength ? any : specific,
        };
    }

    private static KeyValuePair<PolicyKey, PolicyEntry>? Longest(
        IReadOnlyDictionary<PolicyKey, PolicyEntry> entries, uint identity, PolicyDirection direction, byte protocol, ushort port)
    {
        for (var bits = protocol == 0 ? -1 : 16; bits >= -1; bits--)
        {
            var key = bits < 0 ? new PolicyKey(identity, direction) : new PolicyKey(identity, direction, protocol, port, bits);
            if (entries.TryGetValue(key, out var entry))
            {
                return new(key, entry);
            }
        }

        return null;
    }
}
