namespace KvStoreMesh.Core.Sources;

/// <summary>
/// What a watch delivered at once: whole revisions of one range, ascending. Without events it is a proof of freshness:
/// nothing in any of the watched ranges changed up to <see cref="Revision"/> that has not been delivered.
/// </summary>
/// <remarks>
/// etcd orders the events of one range only. Of several ranges on a stream, one that catches up delivers revisions that
/// another one has passed long ago, and a transaction that touches two ranges arrives as two batches.
/// </remarks>
/// <param name="Events">In the order of revisions.</param>
/// <param name="Revision">
/// Everything of the range up to it has been delivered: the last event's revision. Without events the revision of a
/// progress notification, for all ranges. Never the header of a response with events, which runs ahead of them.
/// </param>
/// <param name="ReadTimestamp">When the response was read, <see cref="TimeProvider.GetTimestamp"/>; the start of the lag.</param>
public sealed record SourceBatch(IReadOnlyList<SourceEvent> Events, long Revision, long ReadTimestamp);
