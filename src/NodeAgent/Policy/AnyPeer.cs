using KvStoreMesh.NodeAgent.Identities;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Everybody: the entity <c>all</c>, and a rule that names ports only.</summary>
public sealed class AnyPeer : PeerSelector
{
    /// <inheritdoc />
    public override bool IsAny => true;

    /// <inheritdoc />
    public override string Text => "all";

    /// <inheritdoc />
    public override bool Matches(SecurityIdentity identity) => true;
}
