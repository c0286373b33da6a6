namespace KvStoreMesh.Core.Sources;

/// <summary>
/// A source could not be reached or read. The message is one line for an operator: what failed at which endpoint or
/// file, and the way out. Expected trouble, not a bug: whoever catches it backs off and tries again.
/// </summary>
public sealed class SourceException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SourceException(SourcePhase phase, string message, Exception? innerException = null)
        : base(message, innerException) => Phase = phase;

    /// <summary>The step that failed.</summary>
    public SourcePhase Phase { get; }

    /// <summary>The wanted revision is compacted: list again from a fresh one.</summary>
    public bool IsCompacted { get; init; }
}
