using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Tests.Sinks;

/// <summary>What one source holds, and which of it has not changed since its resource was first synced.</summary>
internal sealed class ModelCluster
{
    private readonly HashSet<ResourceKind> _everSynced = [ResourceKind.EndpointSlices];
    private readonly HashSet<ResourceKind> _synced = [ResourceKind.EndpointSlices];
    private readonly HashSet<MeshKey> _unchanged = [];

    public Dictionary<MeshKey, byte[]> Data { get; } = [];

    /// <summary>The daemon was restarted and has not heard of it.</summary>
    public bool IsSilent { get; set; }

    public void Put(MeshKey key, byte[] value)
    {
        if (!Data.TryGetValue(key, out var old) || !ReferenceEquals(old, value))
        {
            _unchanged.Remove(key);
        }

        Data[key] = value;
    }

    public void Delete(MeshKey key)
    {
        _unchanged.Remove(key);
        Data.Remove(key);
    }

    /// <summary>Everything of the resource has been told; false if the source is silent and cannot have.</summary>
    public bool Sync(ResourceKind kind)
    {
        if (IsSilent)
        {
            return false;
        }

        _everSynced.Add(kind);
        if (_synced.Add(kind))
        {
            _unchanged.UnionWith(Data.Keys.Where(key => key.Kind == kind));
        }

        return true;
    }

    /// <summary>A new daemon: nothing is synced to it yet.</summary>
    public void Restart()
    {
        _synced.RemoveWhere(kind => kind != ResourceKind.EndpointSlices);
        _unchanged.Clear();
    }

    public bool WasSynced(ResourceKind kind) => _everSynced.Contains(kind);

    public IEnumerable<KeyValuePair<MeshKey, byte[]>> UnchangedSinceSync(ResourceKind kind) =>
        Data.Where(pair => pair.Key.Kind == kind && _unchanged.Contains(pair.Key));
}
