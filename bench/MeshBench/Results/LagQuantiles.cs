namespace KvStoreMesh.MeshBench.Results;

/// <summary>From the writing of a value to its arrival at a subscriber, the source's etcd included, ms.</summary>
public sealed record LagQuantiles(double P50, double P99, double P999);
