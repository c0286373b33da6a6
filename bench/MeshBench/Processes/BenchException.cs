namespace KvStoreMesh.MeshBench.Processes;

/// <summary>The run cannot go on; the message is one for the user.</summary>
public sealed class BenchException(string message) : Exception(message);
