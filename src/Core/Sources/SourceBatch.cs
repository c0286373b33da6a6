namespace KvStoreMesh.Core.Sources;

/// <summary>
/// What a watch delivered at once: whole revisions, ascending. Without events it is a proof of freshness: nothing in
/// the watched ranges changed up to <see cref="Revision"/>.
/// </summary>
/// <param name="Events">In the order of revisions.</param>
/// <param name="Revision">
/// Everything up to it has been delivered: the last event's revision, or that of a progress notification. Never the
/// header of a response with events, which runs ahead of them.
/// </param>
/// <param name="ReadTimestamp">When the response was read, <see cref="TimeProvider.GetTimestamp"/>; the start of the lag.</param>
public sealed record SourceBatch(IReadOnlyList<SourceEvent> Events, long Revision, long ReadTimestamp);
