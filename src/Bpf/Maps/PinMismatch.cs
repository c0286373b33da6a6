namespace KvStoreMesh.Bpf.Maps;

/// <summary>What to do with a pinned map of another shape than wanted: another version wrote it, or a size option changed.</summary>
public enum PinMismatch
{
    /// <summary>Leave it alone and throw <see cref="BpfMapMismatchException"/>.</summary>
    Refuse,

    /// <summary>
    /// Put a fresh, empty map in its place, as Cilium does. The entries are lost; programs that are already attached keep
    /// using the old map until they are loaded against the new one.
    /// </summary>
    Replace,

    /// <summary>
    /// If only the size differs, put a map of the wanted size in its place that holds the same entries; else refuse. Programs that
    /// are already attached keep using the old map until they are loaded against the new one.
    /// </summary>
    Resize,

    /// <summary>Take it as it is if only the size differs; else refuse.</summary>
    AdoptAnySize,
}
