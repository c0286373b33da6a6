namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>
/// Remembers what bytes said. Thousands of subscribers in one process get the same bytes: each of them hashes every byte it
/// received, which proves that they are the same, and only the first one parses them.
/// </summary>
internal sealed class RecordMemo
{
    private const int Slots = 1 << 18;

    private readonly (ulong Hash, RecordNote Note)[] _slots = new (ulong, RecordNote)[Slots];

    public bool TryGet(ulong hash, out RecordNote note)
    {
        ref var slot = ref _slots[hash & (Slots - 1)];
        note = slot.Note;
        return slot.Hash == hash;
    }

    public void Keep(ulong hash, in RecordNote note) => _slots[hash & (Slots - 1)] = (hash, note);
}
