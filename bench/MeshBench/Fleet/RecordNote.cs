namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>What one change says, as far as it is compared.</summary>
/// <param name="Key">The key's number; -1 = not part of the content (a cluster's config, a canary).</param>
/// <param name="Value">The value's hash; 0 = deleted.</param>
/// <param name="Revision">The source's revision.</param>
/// <param name="Seq">Its place in the daemon's stream; 0 = none.</param>
/// <param name="Cluster">The cluster's index in the daemon's stream.</param>
/// <param name="Written">The monotonic clock at which the source's writer made it; 0 = unknown.</param>
internal readonly record struct RecordNote(int Key, ulong Value, long Revision, long Seq, uint Cluster, long Written);
