namespace KvStoreMesh.MeshBench.Mock;

/// <summary>One write of a mock cluster.</summary>
/// <param name="Cluster">The cluster's place in the mesh, from 0.</param>
/// <param name="Key">The whole key.</param>
/// <param name="Value">Null = deleted.</param>
public readonly record struct MockWrite(int Cluster, string Key, byte[]? Value);
