namespace KvStoreMesh.Replicator.Fanout;

/// <summary>What was agreed upon with a subscriber.</summary>
/// <param name="Node">The node's name, as the agent gave it.</param>
/// <param name="Instance">The agent's process, as it gave it.</param>
/// <param name="Protocol">The protocol's version.</param>
/// <param name="FrameBytes">The size of frames; a single larger record still gets its frame.</param>
/// <param name="ReceiveBudgetBytes">Bytes sent ahead of the acknowledgements.</param>
/// <param name="Heartbeat">Time between heartbeats.</param>
/// <param name="Features">The optional parts of the protocol.</param>
/// <param name="Filter">What the subscriber wants to see.</param>
internal sealed record Subscription(
    string Node,
    string Instance,
    uint Protocol,
    int FrameBytes,
    int ReceiveBudgetBytes,
    TimeSpan Heartbeat,
    StreamFeatures Features,
    SubscriberFilter Filter);
