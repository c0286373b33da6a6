using KvStoreMesh.NodeAgent.Identities;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Identities by labels: fromEndpoints, toEndpoints.</summary>
/// <param name="selector">With namespace and cluster already added.</param>
public sealed class LabelPeer(LabelSelector selector) : PeerSelector
{
    /// <inheritdoc />
    public override string Text => selector.ToString();

    /// <inheritdoc />
    public override bool Matches(SecurityIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return selector.Matches(identity.Labels);
    }
}
