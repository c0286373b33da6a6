namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>What one subscriber holds: of each key the hash of its value, and a digest of all of it.</summary>
internal sealed class SubscriberContent(KeyTable keys)
{
    private Cell[] _cells = new Cell[Math.Max(16, keys.Count)];

    /// <summary>The sum over all keys held: equal content has equal digests, in whatever order it came.</summary>
    public ulong Digest { get; private set; }

    /// <summary>Takes a change.</summary>
    /// <returns>False if it is not newer than what is held: it came twice.</returns>
    public bool Apply(in RecordNote note)
    {
        if (note.Key >= _cells.Length)
        {
            Array.Resize(ref _cells, Math.Max(keys.Count, _cells.Length * 2));
        }

        ref var cell = ref _cells[note.Key];
        var isNew = note.Revision == 0 || note.Revision > cell.Revision;
        Set(ref cell, note.Key, note.Value);
        cell.Revision = Math.Max(cell.Revision, note.Revision);
        return isNew;
    }

    /// <summary>The hash of the value held; 0 = none.</summary>
    public ulong ValueOf(int key) => key < _cells.Length ? _cells[key].Value : 0;

    /// <summary>Drops every key that a rule condemns.</summary>
    public void DropWhere(Predicate<int> condemned)
    {
        for (var key = 0; key < _cells.Length; key++)
        {
            if (_cells[key].Value != 0 && condemned(key))
            {
                Set(ref _cells[key], key, 0);
            }
        }
    }

    private void Set(ref Cell cell, int key, ulong value)
    {
        if (cell.Value == value)
        {
            return;
        }

        var hash = keys.HashOf(key);
        Digest -= cell.Value == 0 ? 0 : ContentHash.Mix(hash, cell.Value);
        Digest += value == 0 ? 0 : ContentHash.Mix(hash, value);
        cell.Value = value;
    }

    private record struct Cell(ulong Value, long Revision);
}
