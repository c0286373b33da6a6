namespace KvStoreMesh.Core.Sources;

/// <summary>A range to watch, and from where.</summary>
/// <param name="Range">The range.</param>
/// <param name="Revision">The first revision wanted.</param>
public readonly record struct WatchStart(SourceRange Range, long Revision);
