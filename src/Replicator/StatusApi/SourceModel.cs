namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>What Cilium's model of a cluster does not say, in <c>/v1/status</c>.</summary>
/// <param name="Name">The cluster.</param>
/// <param name="Local">It is the daemon's own.</param>
/// <param name="State">How current its data is: live, syncing, stale, connecting, misconfigured, draining.</param>
/// <param name="Phase">What its actor is doing; null for a file that configures nothing.</param>
/// <param name="Problem">The step that failed and why, or what is wrong with its config; null if nothing is.</param>
/// <param name="AgeSeconds">Since the source last proved that the data is current; null if it never did.</param>
/// <param name="Keys">Keys held.</param>
/// <param name="Revision">The source's revision that is held; null before the first list.</param>
internal sealed record SourceModel(
    string Name, bool Local, string State, string? Phase, string? Problem, double? AgeSeconds, int Keys, long? Revision)
{
    /// <summary>The model of a row.</summary>
    public static SourceModel Of(SourceRow row) => new(
        row.Name,
        row.IsLocal,
        row.Freshness.ToString().ToLowerInvariant(),
        row.Phase,
        row.Problem,
        row.Age?.TotalSeconds,
        row.Keys,
        row.Revision);
}
