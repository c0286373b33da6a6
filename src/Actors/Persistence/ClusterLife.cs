namespace KvStoreMesh.Actors.Persistence;

/// <summary>What is known of one cluster's life. Immutable.</summary>
/// <param name="Epoch">Its history; 0 if its source has not been met.</param>
/// <param name="Revision">Where that history was met.</param>
/// <param name="Reason">Why it is a new one.</param>
/// <param name="Config">The config it announced itself with last; null if none.</param>
/// <param name="ConfigRevision">That config's revision.</param>
/// <param name="IsDraining">It is being withdrawn.</param>
/// <param name="At">When the last of it happened.</param>
internal sealed record ClusterLife(
    ulong Epoch = 0, long Revision = 0, string Reason = "", byte[]? Config = null, long ConfigRevision = 0, bool IsDraining = false, DateTimeOffset At = default);
