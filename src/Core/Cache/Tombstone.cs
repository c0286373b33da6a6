namespace KvStoreMesh.Core.Cache;

/// <summary>What is remembered of a deleted key.</summary>
/// <param name="Seq">The record that deleted it.</param>
/// <param name="Revision">The source's revision of the deletion.</param>
/// <param name="Epoch">The number, within the cluster, of the epoch that the revision belongs to.</param>
internal readonly record struct Tombstone(long Seq, long Revision, int Epoch);
