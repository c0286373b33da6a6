using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.Certificates;

/// <summary>Where the daemon's own certificates are named, beside those of the sources.</summary>
/// <param name="SinkConfigFile">The local etcd's client configuration; null without one.</param>
/// <param name="Stream">The stream's files; null without TLS.</param>
internal sealed record DaemonTls(string? SinkConfigFile, StreamTlsOptions? Stream);
