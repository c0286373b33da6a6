using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>What a subscriber that comes back holds of a cluster.</summary>
/// <param name="Seq">In this cache's own numbers, everything up to it is applied; 0 if it comes from another one.</param>
/// <param name="Position">
/// Everything up to this revision of this epoch is applied and every resource was synced; the revision is 0 if that cannot be said.
/// The fingerprint is the last one it was told, of this or an earlier revision; 0 = none.
/// </param>
/// <param name="Digest">Of its content, as far as it subscribes to it; null if it did not say.</param>
public readonly record struct ResumeToken(long Seq, SourcePosition Position, ContentDigest? Digest);
