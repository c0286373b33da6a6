using KvStoreMesh.Bpf.Maps.Policy;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Entries of one identity while they are worked out.</summary>
internal sealed class PolicyEntrySet
{
    private const int PortBits = 16;

    private readonly Dictionary<PolicyKey, PolicyEntry> _entries = [];

    public IReadOnlyDictionary<PolicyKey, PolicyEntry> Entries => _entries;

    /// <summary>Adds the entries of a rule for an identity that it is about.</summary>
    public void Add(uint identity, PolicyRule rule)
    {
        if (rule.Ports is null)
        {
            Put(new(identity, rule.Direction), rule.IsDeny);
            return;
        }

        foreach (var range in rule.Ports)
        {
            foreach (var (port, bits) in range.Prefixes())
            {
                Put(new(identity, rule.Direction, range.Protocol, port, bits), rule.IsDeny);
            }
        }
    }

    /// <summary>Allows, unless there is an entry of at least this precedence.</summary>
    public void Allow(PolicyKey key, uint precedence)
    {
        if (!_entries.TryGetValue(key, out var known) || known.Precedence < precedence)
        {
            _entries[key] = new(key, isDeny: false, precedence);
        }
    }

    /// <summary>Leaves out what a shorter entry here, or an entry of <paramref name="any"/> that is not longer, decides anyway.</summary>
    public void Prune(PolicyEntrySet? any)
    {
        foreach (var (key, entry) in _entries.ToList())
        {
            if (Covering(key).Any(shorter =>
                (shorter != key && Decides(_entries, shorter, entry))
                || (any is not null && Decides(any._entries, Of(0, shorter), entry))))
            {
                _entries.Remove(key);
            }
        }
    }

    private void Put(PolicyKey key, bool isDeny)
    {
        if (isDeny)
        {
            _entries[key] = new(key, isDeny: true, PolicyEntry.DenyPrecedence);
        }
        else
        {
            Allow(key, PolicyEntry.AllowPrecedence);
        }
    }

    private static bool Decides(Dictionary<PolicyKey, PolicyEntry> entries, PolicyKey key, PolicyEntry entry) =>
        entries.TryGetValue(key, out var other) && other.Precedence >= entry.Precedence;

    /// <summary>The key itself and every shorter one that holds its traffic.</summary>
    private static IEnumerable<PolicyKey> Covering(PolicyKey key)
    {
        yield return new(key.Identity, key.Direction);
        if (key.Protocol == 0)
        {
            yield break;
        }

        for (var bits = 0; bits <= Math.Min(key.PortPrefixBits, PortBits); bits++)
        {
            yield return new(key.Identity, key.Direction, key.Protocol, key.Port, bits);
        }
    }

    private static PolicyKey Of(uint identity, PolicyKey key) => new(identity, key.Direction, key.Protocol, key.Port, key.PortPrefixBits);
}
