namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>What cluster indices stand for at one start of a daemon: the same for all its subscribers.</summary>
internal sealed class DaemonClusters(string instance)
{
    private readonly Dictionary<uint, string> _names = [];

    /// <summary>Names this start of the daemon.</summary>
    public string Instance => instance;

    /// <summary>Keeps the memory of one daemon's bytes apart from those of another, whose indices mean other clusters.</summary>
    public ulong Salt { get; } = ContentHash.Of(instance);

    public void Learn(uint index, string name) => _names[index] = name;

    /// <exception cref="InvalidDataException">Nobody has said what it stands for.</exception>
    public string NameOf(uint index) =>
        _names.TryGetValue(index, out var name) ? name : throw new InvalidDataException($"cluster index {index} was never announced");
}
