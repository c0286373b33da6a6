namespace KvStoreMesh.Etcd.Lists;

/// <summary>How many keys to ask for in the next page, so that it has about the wanted size in bytes. Pure; one list at a time.</summary>
/// <remarks>
/// It grows by at most a factor of four: the keys of one prefix resemble each other, but the server builds the whole page
/// in memory before we can refuse it.
/// </remarks>
internal sealed class PageSizer
{
    private const int MaxGrowth = 4;

    private readonly int _firstKeys;
    private readonly int _maxKeys;
    private readonly int _targetBytes;

    public PageSizer(int firstKeys, int maxKeys, int targetBytes) =>
        (_firstKeys, _maxKeys, _targetBytes, Keys) = (firstKeys, maxKeys, targetBytes, firstKeys);

    /// <summary>Keys to ask for, at least 1.</summary>
    public int Keys { get; private set; }

    /// <summary>A new list begins.</summary>
    public void Begin() => Keys = _firstKeys;

    /// <summary>A page has arrived.</summary>
    public void Received(int keys, long bytes)
    {
        if (keys == 0)
        {
            return;
        }

        var fitting = _targetBytes / Math.Max(1, bytes / keys);
        Keys = (int)Math.Clamp(fitting, 1, Math.Min(_maxKeys, (long)Keys * MaxGrowth));
    }

    /// <summary>The page was too large to be received.</summary>
    /// <returns>False if a smaller one is impossible.</returns>
    public bool TryHalve()
    {
        if (Keys == 1)
        {
            return false;
        }

        Keys /= 2;
        return true;
    }
}
