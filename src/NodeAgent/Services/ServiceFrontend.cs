namespace KvStoreMesh.NodeAgent.Services;

/// <summary>What the service map is keyed by, without the slot.</summary>
/// <param name="Address">The cluster IP, port and protocol.</param>
/// <param name="Scope">0 external, 1 internal; this agent writes 0 only and knows others from pinned maps.</param>
public readonly record struct ServiceFrontend(L3n4Addr Address, byte Scope = 0) : IComparable<ServiceFrontend>
{
    /// <inheritdoc />
    public int CompareTo(ServiceFrontend other)
    {
        var byAddress = Address.CompareTo(other.Address);
        return byAddress != 0 ? byAddress : Scope.CompareTo(other.Scope);
    }

    /// <inheritdoc />
    public override string ToString() => Scope == 0 ? Address.ToString() : $"{Address}/i";
}
