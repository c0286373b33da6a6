namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>
/// What frames amount to once they are put together: each is applied as a whole, in order, and needs no knowledge of
/// the frames it came in.
/// </summary>
public abstract record SessionEvent;
