using KvStoreMesh.NodeAgent.Identities;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Which identities a rule is about. Two that are written alike select alike: <see cref="Text"/> is the key of the selector cache.</summary>
public abstract class PeerSelector
{
    /// <summary>Every identity, known or not: the number 0 in a policy map.</summary>
    public virtual bool IsAny => false;

    /// <summary>As people write it.</summary>
    public abstract string Text { get; }

    /// <summary>The identity is selected.</summary>
    public abstract bool Matches(SecurityIdentity identity);

    /// <inheritdoc />
    public sealed override string ToString() => Text;
}
