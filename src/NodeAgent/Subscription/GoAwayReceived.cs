namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>The daemon is about to close the stream: keep everything, come back later.</summary>
/// <param name="Reason">The daemon's words.</param>
/// <param name="ReconnectAfter">When to come back at the earliest.</param>
public sealed record GoAwayReceived(string Reason, TimeSpan ReconnectAfter) : SessionEvent;
