namespace KvStoreMesh.Bpf.Maps;

/// <summary>How a pinned map came about.</summary>
public enum PinOutcome
{
    /// <summary>It was there with the right shape; its entries are those of an earlier run.</summary>
    Adopted,

    /// <summary>Nothing was pinned; it is new and empty.</summary>
    Created,

    /// <summary>A map of another shape was pinned; it is new and empty.</summary>
    Replaced,

    /// <summary>A map of another size was pinned; it is new, and holds the same entries.</summary>
    Resized,
}
