namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>No watch is open any more.</summary>
/// <param name="WasOpen">One was.</param>
internal readonly record struct WatchClosed(bool WasOpen);
