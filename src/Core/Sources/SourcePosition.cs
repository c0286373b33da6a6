namespace KvStoreMesh.Core.Sources;

/// <summary>Everything of a source up to <paramref name="Revision"/> of the history <paramref name="Epoch"/> is known.</summary>
/// <param name="Epoch">The history.</param>
/// <param name="Revision">The etcd revision.</param>
/// <param name="Fingerprint">
/// What is known there: the sum (modulo 2^64) of <see cref="SourceFingerprint"/> over every mirrored key with its value and
/// revisions, the config apart; 0 = nothing, or not known. It depends on the state only, not on the way to it, so two daemons that
/// follow one history agree at each revision, and two histories that share a revision differ, whatever their epochs are
/// called. Exact while every resource is synced and the source keeps one order (its own state; of a mirror after a list).
/// </param>
public readonly record struct SourcePosition(SourceEpoch Epoch, long Revision, ulong Fingerprint = 0);
