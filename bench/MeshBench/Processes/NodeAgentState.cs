namespace KvStoreMesh.MeshBench.Processes;

/// <summary>Where a node agent stands.</summary>
/// <param name="MapEntries">Entries of all its maps.</param>
/// <param name="Pending">Entries that could not be written yet.</param>
/// <param name="AppliedSeq">The last change that is in the datapath.</param>
/// <param name="ApplyMs">From the arrival of the last frame to its being applied.</param>
/// <param name="ReadyClusters">Clusters that are complete.</param>
internal sealed record NodeAgentState(int MapEntries, int Pending, long AppliedSeq, double ApplyMs, int ReadyClusters);
