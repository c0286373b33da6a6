using System.Collections.Concurrent;
using KvStoreMesh.Core.Cache;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// Every cluster that any subscriber may have heard of since the start, by its number on the stream: what a subscriber
/// must be told to drop when it missed the ClusterGone in the ring. One table for all of them instead of one each.
/// </summary>
/// <remarks>Grows only when an operator adds a cluster or adds a removed one again. Any thread.</remarks>
internal sealed class ClusterRoster
{
    private readonly ConcurrentDictionary<uint, string> _names = new();

    /// <summary>Remembers a cluster.</summary>
    public void Learn(uint index, string name) => _names.TryAdd(index, name);

    /// <summary>The clusters heard of that are not among the current ones, by number.</summary>
    public List<(uint Index, string Name)> Gone(IReadOnlyCollection<MeshClusterView> current)
    {
        var present = current.Select(view => view.Index).ToHashSet();
        return [.. _names.Where(pair => !present.Contains(pair.Key)).OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value))];
    }
}
