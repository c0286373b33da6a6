using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.Fanout;
using KvStoreMesh.Replicator.Health;
using KvStoreMesh.Replicator.Tracing;

namespace KvStoreMesh.Replicator.Options;

/// <summary>Everything <c>kvstoremesh run</c> was told, validated.</summary>
internal sealed class DaemonOptions
{
    /// <summary>Where the stream is served if nothing else is said.</summary>
    public static ListenAddress DefaultListen { get; } = new(System.Net.IPAddress.Loopback, 4260);

    /// <summary>Where status, health and metrics are served if nothing else is said.</summary>
    public static ListenAddress DefaultHttp { get; } = new(System.Net.IPAddress.Loopback, 9964);

    /// <summary>The daemon's own cluster and the sources.</summary>
    public required ClusterConfigOptions ClusterConfigs { get; init; }

    /// <summary>What may be held of each remote cluster.</summary>
    public SourceQuota Quota { get; init; }

    /// <summary>Where the stream is served.</summary>
    public ListenAddress Listen { get; init; } = DefaultListen;

    /// <summary>Mutual TLS of the stream; null for plain text.</summary>
    public StreamTlsOptions? Tls { get; init; }

    /// <summary>Where status, health and metrics are served, each with the option that named it.</summary>
    public IReadOnlyList<(string Option, ListenAddress Address)> Http { get; init; } = [("--http", DefaultHttp)];

    /// <summary>The mirror in the local etcd; null if there is none.</summary>
    public EtcdSinkOptions? Sink { get; init; }

    /// <summary>Where the state is kept; null to keep none.</summary>
    public StateStorageOptions? State { get; init; }

    /// <summary>The stream's limits.</summary>
    public FanoutOptions Fanout { get; init; } = new();

    /// <summary>How long readiness waits.</summary>
    public ReadinessOptions Readiness { get; init; } = new();

    /// <summary>How log lines look.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>Where traces go; null for nowhere.</summary>
    public TracingOptions? Tracing { get; init; }

    /// <summary>Log for debugging too.</summary>
    public bool Debug { get; init; }

    /// <summary>Options that were given and change nothing, as given: said once in the log.</summary>
    public IReadOnlyList<string> WithoutEffect { get; init; } = [];
}
