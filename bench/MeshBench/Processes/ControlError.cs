namespace KvStoreMesh.MeshBench.Processes;

/// <summary>A question that could not be answered.</summary>
/// <param name="Error">Why.</param>
internal sealed record ControlError(string Error);
