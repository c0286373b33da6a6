namespace KvStoreMesh.Core.Sinks;

/// <summary>The cluster configs that the store holds, collected page by page.</summary>
internal sealed class ConfigCheck
{
    private readonly Dictionary<string, StoreEntry> _found = [];

    public void Add(StorePage page)
    {
        foreach (var entry in page.Entries)
        {
            _found[entry.Key] = entry;
        }
    }

    /// <summary>The store's config differs, or is not under our lease. One that is being written is right soon.</summary>
    public bool IsAmiss(SinkEntry config) => config is { Desired: not null, IsSettled: true }
        && !(_found.TryGetValue(config.StoreKey, out var found)
            && SinkEntry.SameBytes(found.Value, config.Desired) && found.Lease == config.Lease!.Id);
}
