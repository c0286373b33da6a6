namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>One node agent as of now, for people.</summary>
/// <param name="Model">What <c>/v1/subscribers</c> says of it.</param>
/// <param name="RecordsPerSecond">Records and marks acknowledged since the overview before; null if there is none to compare with.</param>
internal sealed record AgentRow(SubscriberModel Model, double? RecordsPerSecond)
{
    // Below it nobody would see a difference, and where something changes all the time an agent is always a little behind.
    private const double Unnoticed = 1;

    /// <summary>It has everything that was published, but for what is on its way.</summary>
    public bool IsUpToDate => Model.Following && (Model.Behind == 0 || Model.OldestUnackedSeconds < Unnoticed);
}
