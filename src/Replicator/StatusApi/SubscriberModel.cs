namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>One connected node agent.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Instance">The agent's process.</param>
/// <param name="Peer">Its address.</param>
/// <param name="Session">The session's number.</param>
/// <param name="Since">The start of the session.</param>
/// <param name="Following">Past its snapshots.</param>
/// <param name="SentSeq">Everything up to it has been sent, if following.</param>
/// <param name="AckedSeq">Everything up to it is applied.</param>
/// <param name="Behind">Records and marks published and not acknowledged.</param>
/// <param name="OldestUnackedSeconds">Since the oldest change that it has not acknowledged was read at its source; 0 if there is none.</param>
/// <param name="UnackedBytes">Bytes sent and not acknowledged.</param>
/// <param name="Resyncs">How often history had overtaken it.</param>
/// <param name="Nacks">Records it could not apply.</param>
/// <param name="LastNack">The last of them; null if none.</param>
internal sealed record SubscriberModel(
    string Node,
    string Instance,
    string Peer,
    ulong Session,
    DateTimeOffset Since,
    bool Following,
    long SentSeq,
    long AckedSeq,
    long Behind,
    double OldestUnackedSeconds,
    long UnackedBytes,
    int Resyncs,
    long Nacks,
    string? LastNack);
