namespace KvStoreMesh.Replicator.Fanout;

/// <summary>What the fan-out logs. Node names come from the peer; they are visible ASCII of bounded length.</summary>
internal static partial class FanoutLog
{
    [LoggerMessage(100, LogLevel.Information, "Subscriber {Node} connected from {Peer} as session {Session}")]
    public static partial void Subscribed(ILogger logger, string node, string peer, ulong session);

    [LoggerMessage(101, LogLevel.Information, "Subscriber {Node}, session {Session}, ended: {Reason}{Detail}")]
    public static partial void Ended(ILogger logger, string node, ulong session, string reason, string detail);

    [LoggerMessage(102, LogLevel.Warning, "Refused a subscriber from {Peer}: {Detail}")]
    public static partial void Refused(ILogger logger, string peer, string detail);

    [LoggerMessage(103, LogLevel.Warning, "Subscriber {Node} could not apply {Nack} (further ones of this session are only counted)")]
    public static partial void Nacked(ILogger logger, string node, string nack);

    [LoggerMessage(105, LogLevel.Warning, "Subscriber {Node} holds something else of cluster '{Cluster}' than the digest says; it is sent anew")]
    public static partial void Diverged(ILogger logger, string node, string cluster);

    [LoggerMessage(104, LogLevel.Error, "Serving subscriber {Node} failed; its stream is closed, the others go on")]
    public static partial void SessionFailed(ILogger logger, string node, Exception failure);
}
