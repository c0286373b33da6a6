namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>One node agent as of now, for people.</summary>
/// <param name="Model">What <c>/v1/subscribers</c> says of it.</param>
/// <param name="RecordsPerSecond">Records and marks acknowledged since the overview before; null if there is none to compare with.</param>
internal sealed record AgentRow(SubscriberModel Model, double? RecordsPerSecond)
{
    /// <summary>It has everything that was published.</summary>
    public bool IsUpToDate => Model.Following && Model.Behind == 0;
}
