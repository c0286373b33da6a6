namespace KvStoreMesh.Core.Sources;

/// <summary>The answer to reading one key.</summary>
/// <param name="Entry">The key, or null if it does not exist.</param>
/// <param name="Revision">The source's revision at the time of the read.</param>
public sealed record SourceRead(SourceEntry? Entry, long Revision);
