namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>A whole group of changes, in order. May be empty: then only the position moved.</summary>
/// <param name="LastSeq">Everything up to it is applied once this group is.</param>
/// <param name="Records">The changes that are not part of a snapshot already applied.</param>
public sealed record RecordsReceived(long LastSeq, IReadOnlyList<MeshRecord> Records) : SessionEvent;
