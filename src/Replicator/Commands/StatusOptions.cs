namespace KvStoreMesh.Replicator.Commands;

/// <summary>What <c>kvstoremesh status</c> was told.</summary>
/// <param name="Address">Where the daemon answers.</param>
/// <param name="Json">The whole status as JSON.</param>
/// <param name="Verbose">Details of what is well, too.</param>
/// <param name="Wait">How long to wait for every source to be ready; null to show what is.</param>
/// <param name="Watch">The time between two looks; null for one look.</param>
internal sealed record StatusOptions(string Address, bool Json, bool Verbose, TimeSpan? Wait, TimeSpan? Watch);
