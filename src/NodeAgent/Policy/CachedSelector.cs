namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>A selector and the identities it selects at the moment.</summary>
/// <param name="peer">The selector.</param>
public sealed class CachedSelector(PeerSelector peer)
{
    private readonly HashSet<uint> _selected = [];

    /// <summary>The selector.</summary>
    public PeerSelector Peer => peer;

    /// <summary>The numbers it selects. Of a selector that takes everybody: none, since no list could say it.</summary>
    public IReadOnlySet<uint> Selected => _selected;

    /// <summary>Looks at an identity again; true if that changed anything.</summary>
    internal bool Judge(uint id, Identities.SecurityIdentity? identity) =>
        !peer.IsAny && (identity is not null && peer.Matches(identity) ? _selected.Add(id) : _selected.Remove(id));
}
