using KvStoreMesh.NodeAgent.Identities;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>
/// What each selector of all policies selects, worked out once per selector and not per rule or endpoint, and kept current
/// identity by identity. Not thread-safe: owned by the apply loop.
/// </summary>
public sealed class SelectorCache
{
    private Dictionary<string, CachedSelector> _selectors = [];

    /// <summary>Selectors held.</summary>
    public int Count => _selectors.Count;

    /// <summary>Holds exactly these selectors. Those it has keep what they have selected; the others look at every identity.</summary>
    public void Hold(IEnumerable<PeerSelector> peers, IReadOnlyCollection<SecurityIdentity> identities)
    {
        ArgumentNullException.ThrowIfNull(peers);
        ArgumentNullException.ThrowIfNull(identities);
        Dictionary<string, CachedSelector> held = [];
        foreach (var peer in peers)
        {
            if (held.ContainsKey(peer.Text))
            {
                continue;
            }

            if (!_selectors.TryGetValue(peer.Text, out var selector))
            {
                selector = new(peer);
                foreach (var identity in identities)
                {
                    selector.Judge(identity.Id, identity);
                }
            }

            held.Add(peer.Text, selector);
        }

        _selectors = held;
    }

    /// <summary>Takes identities that changed, or are gone; returns those that some selector now selects or selects no more.</summary>
    public IReadOnlyList<uint> Update(IReadOnlyCollection<uint> changed, Func<uint, SecurityIdentity?> find)
    {
        ArgumentNullException.ThrowIfNull(changed);
        ArgumentNullException.ThrowIfNull(find);
        List<uint> moved = [];
        foreach (var id in changed)
        {
            var identity = find(id);
            var hasMoved = false;
            foreach (var selector in _selectors.Values)
            {
                hasMoved |= selector.Judge(id, identity);
            }

            if (hasMoved)
            {
                moved.Add(id);
            }
        }

        return moved;
    }

    /// <summary>A selector that is held.</summary>
    public CachedSelector Get(PeerSelector peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return _selectors[peer.Text];
    }
}
