using System.Collections.Immutable;
using System.Text;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Tests.Cache;

/// <summary>A source with every state that it ever had, by revision.</summary>
internal sealed class RoamingSource(Random random)
{
    private static readonly ResourceKind[] Kinds = [ResourceKind.Nodes, ResourceKind.Services];

    public List<ImmutableDictionary<MeshKey, Entry>> States { get; } = [ImmutableDictionary<MeshKey, Entry>.Empty];

    /// <summary>What each revision changed.</summary>
    public List<MeshChange[]> Changes { get; } = [[]];

    public int Revision => States.Count - 1;

    /// <summary>One transaction.</summary>
    public void Write()
    {
        var state = States[^1];
        var revision = States.Count;
        var changes = new List<MeshChange>();
        foreach (var name in Enumerable.Range(0, 8).Where(_ => random.Next(4) == 0).DefaultIfEmpty(random.Next(8)))
        {
            var key = new MeshKey(Kinds[random.Next(Kinds.Length)], $"k{name}");
            var held = state.TryGetValue(key, out var before);
            if (held && random.Next(2) == 0)
            {
                state = state.Remove(key);
                changes.Add(new(key, null, revision, 0));
            }
            else if (changes.TrueForAll(change => change.Key != key))
            {
                var entry = new Entry($"{random.Next(3)}", revision, held ? before!.CreateRevision : revision);
                state = state.SetItem(key, entry);
                changes.Add(new(key, Encoding.UTF8.GetBytes(entry.Value), revision, entry.CreateRevision));
            }
        }

        States.Add(state);
        Changes.Add([.. changes]);
    }

    /// <summary>The same for all who hold this state, revisions included.</summary>
    public ulong FingerprintAt(int revision) => States[revision].Aggregate(
        1UL,
        (sum, pair) => sum + (ulong)ContentDigest(pair));

    private static UInt128 ContentDigest(KeyValuePair<MeshKey, Entry> pair) => Core.Cache.ContentDigest
        .Of(pair.Key, Encoding.UTF8.GetBytes($"{pair.Value.Value}@{pair.Value.Revision}@{pair.Value.CreateRevision}")).Value;

    internal sealed record Entry(string Value, int Revision, int CreateRevision);
}
