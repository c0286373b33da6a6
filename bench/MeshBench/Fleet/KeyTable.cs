using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>Gives every key that any subscriber of this process has met a small number, so that a subscriber's content is an array.</summary>
internal sealed class KeyTable
{
    private readonly Dictionary<ulong, int> _numbers = [];
    private readonly List<(ulong Hash, string Cluster, ResourceKind Kind)> _keys = [];

    public int Count => _keys.Count;

    /// <summary>The number of a key, by resource, cluster and the key's name.</summary>
    public int NumberOf(ResourceKind kind, string cluster, ReadOnlySpan<byte> name)
    {
        var hash = ContentHash.Of(name, ContentHash.Of(cluster, (ulong)kind));
        if (!_numbers.TryGetValue(hash, out var number))
        {
            _numbers[hash] = number = _keys.Count;
            _keys.Add((hash, cluster, kind));
        }

        return number;
    }

    public ulong HashOf(int number) => _keys[number].Hash;

    public string ClusterOf(int number) => _keys[number].Cluster;

    public ResourceKind KindOf(int number) => _keys[number].Kind;
}
