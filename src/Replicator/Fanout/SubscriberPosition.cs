namespace KvStoreMesh.Replicator.Fanout;

/// <summary>How far one subscriber is.</summary>
/// <param name="IsFollowing">Past its snapshots.</param>
/// <param name="SentSeq">Everything up to it has been sent, if following.</param>
/// <param name="AckedSeq">Everything up to it is applied.</param>
/// <param name="UnackedBytes">Bytes sent and not acknowledged.</param>
/// <param name="Resyncs">How often the ring had overtaken it.</param>
/// <param name="Nacks">Records it could not apply.</param>
internal readonly record struct SubscriberPosition(
    bool IsFollowing, long SentSeq, long AckedSeq, long UnackedBytes, int Resyncs, long Nacks);
