namespace KvStoreMesh.MeshBench.Processes;

/// <summary>What a bare list did.</summary>
/// <param name="Keys">Keys read.</param>
/// <param name="Seconds">From the first request to the last key in a dictionary.</param>
internal sealed record ListOutcome(int Keys, double Seconds);
