namespace KvStoreMesh.Core.Sources;

/// <summary>Everything of a source up to <paramref name="Revision"/> of the history <paramref name="Epoch"/> is known.</summary>
/// <param name="Epoch">The history.</param>
/// <param name="Revision">The etcd revision.</param>
public readonly record struct SourcePosition(SourceEpoch Epoch, long Revision);
