using KvStoreMesh.Core.Sinks;

namespace KvStoreMesh.Replicator.Options;

/// <summary>The mirror in the local etcd.</summary>
/// <param name="ConfigFile">The local etcd's client configuration (YAML), read at each connection.</param>
/// <param name="Limits">How it is written.</param>
internal sealed record EtcdSinkOptions(string ConfigFile, SinkOptions Limits);
