namespace KvStoreMesh.MeshBench.Processes;

/// <summary>What an etcd says it serves.</summary>
/// <param name="WatchStreams">Watch streams.</param>
/// <param name="Watchers">Watches on them.</param>
internal readonly record struct EtcdCounts(int WatchStreams, int Watchers);
