namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>One source as of now, for people.</summary>
/// <param name="Model">What <c>/v1/cluster</c> says of it.</param>
/// <param name="IsLocal">It is the daemon's own cluster.</param>
/// <param name="Freshness">How current its data is.</param>
/// <param name="Phase">What its actor is doing; null for a file that configures nothing.</param>
/// <param name="Problem">The step that failed and why, or what is wrong with its config; null if nothing is.</param>
/// <param name="Age">Since the source last proved that the data is current; null if it never did.</param>
/// <param name="Keys">Keys held.</param>
/// <param name="Revision">The source's revision that is held; null before the first list.</param>
/// <param name="RevisionsPerSecond">Since the overview before; null if there is none to compare with.</param>
internal sealed record SourceRow(
    RemoteClusterModel Model,
    bool IsLocal,
    SourceFreshness Freshness,
    string? Phase,
    string? Problem,
    TimeSpan? Age,
    int Keys,
    long? Revision,
    double? RevisionsPerSecond)
{
    /// <summary>The cluster's name, or that of the file.</summary>
    public string Name => Model.Name ?? "";
}
