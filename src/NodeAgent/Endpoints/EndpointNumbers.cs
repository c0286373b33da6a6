namespace KvStoreMesh.NodeAgent.Endpoints;

/// <summary>
/// Gives endpoints their numbers: the one that pins of an earlier run show, else the one the file asks for, else one that follows from
/// the name.
/// </summary>
internal sealed class EndpointNumbers
{
    private readonly Dictionary<ushort, string> _owners;

    /// <param name="owners">What an earlier run left.</param>
    public EndpointNumbers(IReadOnlyDictionary<ushort, string> owners) => _owners = new(owners);

    /// <summary>Who has which number.</summary>
    public IReadOnlyDictionary<ushort, string> Owners => _owners;

    /// <summary>The number of an endpoint; null if it asks for one that another has, or all are taken.</summary>
    public ushort? Assign(LocalEndpoint endpoint)
    {
        foreach (var (number, owner) in _owners)
        {
            if (owner == endpoint.FullName && (endpoint.Id is null || endpoint.Id == number))
            {
                return number;
            }
        }

        var first = endpoint.Id ?? Hash(endpoint.FullName);
        for (var i = 0; i < (endpoint.Id is null ? ushort.MaxValue : 1); i++)
        {
            var number = (ushort)((first - 1 + i) % ushort.MaxValue + 1);
            if (_owners.TryAdd(number, endpoint.FullName))
            {
                return number;
            }
        }

        return null;
    }

    /// <summary>The number is free again.</summary>
    public void Release(ushort number) => _owners.Remove(number);

    // FNV-1a: the same in every process, which string.GetHashCode is not.
    private static ushort Hash(string name)
    {
        var hash = 2166136261u;
        foreach (var c in name)
        {
            hash = (hash ^ c) * 16777619;
        }

        return (ushort)(hash % ushort.MaxValue + 1);
    }
}
