namespace KvStoreMesh.NodeAgent.Identities;

/// <summary>
/// Gives out numbers that mean something on this node only. A key keeps its number while anyone holds it, and a restart
/// gives it the number that the pinned ipcache shows it had: policy maps and ipcache of the earlier run go on to agree.
/// </summary>
/// <remarks>Not thread-safe: owned by the apply loop.</remarks>
public sealed class LocalIdentityAllocator
{
    private readonly Dictionary<string, (uint Id, int Holders)> _given = [];
    private readonly HashSet<uint> _used = [];
    private readonly HashSet<uint> _adopted;
    private uint _next = SecurityIdentity.FirstLocal;

    /// <summary>Creates an allocator.</summary>
    /// <param name="adopted">Numbers found in pinned maps: given to nobody but whom they are the hint of.</param>
    public LocalIdentityAllocator(IEnumerable<uint> adopted) => _adopted = [.. adopted.Where(SecurityIdentity.IsLocal)];

    /// <summary>Takes hold of the number of a key.</summary>
    /// <param name="key">What it stands for.</param>
    /// <param name="hint">The number it had, 0 if not known; taken if nobody has it.</param>
    public uint Acquire(string key, uint hint)
    {
        if (_given.TryGetValue(key, out var known))
        {
            _given[key] = (known.Id, known.Holders + 1);
            return known.Id;
        }

        var id = SecurityIdentity.IsLocal(hint) && !_used.Contains(hint) ? hint : NextFree();
        _used.Add(id);
        _given[key] = (id, 1);
        return id;
    }

    /// <summary>Lets go of a key; returns its number if nobody holds it any more, else null.</summary>
    public uint? Release(string key)
    {
        if (!_given.TryGetValue(key, out var known))
        {
            return null;
        }

        if (known.Holders > 1)
        {
            _given[key] = (known.Id, known.Holders - 1);
            return null;
        }

        _given.Remove(key);
        _used.Remove(known.Id);
        return known.Id;
    }

    // Round and round: a number just given back may still stand in a map for a moment.
    private uint NextFree()
    {
        while (_used.Contains(_next) || _adopted.Contains(_next))
        {
            Advance();
        }

        var id = _next;
        Advance();
        return id;
    }

    private void Advance() => _next = _next == SecurityIdentity.LastLocal ? SecurityIdentity.FirstLocal : _next + 1;
}
