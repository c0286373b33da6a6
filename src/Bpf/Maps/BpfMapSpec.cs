namespace KvStoreMesh.Bpf.Maps;

/// <summary>What a map must look like. Key and value sizes are those of the layout structs.</summary>
/// <typeparam name="TKey">The key's layout, as the kernel sees it.</typeparam>
/// <typeparam name="TValue">The value's layout, as the kernel sees it.</typeparam>
/// <param name="Name">The name of the pin: letters, digits, underscores and hyphens. A bpffs takes no dots.</param>
/// <param name="Type">The kind of map.</param>
/// <param name="MaxEntries">The most entries it holds.</param>
/// <param name="Flags">Creation flags.</param>
public sealed record BpfMapSpec<TKey, TValue>(string Name, BpfMapType Type, uint MaxEntries, BpfMapFlags Flags)
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Bytes of a key.</summary>
    public unsafe int KeySize => sizeof(TKey);

    /// <summary>Bytes of a value.</summary>
    public unsafe int ValueSize => sizeof(TValue);

    internal MapShape Shape => new(Type, KeySize, ValueSize, MaxEntries, Flags);
}
