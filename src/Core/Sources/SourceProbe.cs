using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <summary>A key whose past tells whether a source still has the history that is known.</summary>
/// <param name="Key">The key at the source.</param>
/// <param name="Revision">The revision to read it at.</param>
/// <param name="MeshKey">The mirrored key.</param>
/// <param name="Fingerprint">What it was then, as <see cref="SourceFingerprint"/>.</param>
public sealed record SourceProbe(string Key, long Revision, MeshKey MeshKey, ulong Fingerprint);
