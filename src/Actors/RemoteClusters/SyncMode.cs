namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>How a replica goes on with a source, the cheapest way first.</summary>
internal enum SyncMode
{
    /// <summary>The watch starts at the last known change, and has to show it.</summary>
    Overlap,

    /// <summary>The watch starts behind what is known, and a key of the past has to be as it was.</summary>
    Probe,

    /// <summary>A list with a diff.</summary>
    List,
}
