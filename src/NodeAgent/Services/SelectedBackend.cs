namespace KvStoreMesh.NodeAgent.Services;

/// <summary>A backend of a frontend.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="State">Which part it takes.</param>
public readonly record struct SelectedBackend(L3n4Addr Address, BackendState State = BackendState.Active) : IComparable<SelectedBackend>
{
    /// <summary>The order of slots: by state, so that those that take connections come first, then by address.</summary>
    public int CompareTo(SelectedBackend other)
    {
        var byState = State.CompareTo(other.State);
        return byState != 0 ? byState : Address.CompareTo(other.Address);
    }

    /// <inheritdoc />
    public override string ToString() => Address.ToString();
}
