namespace KvStoreMesh.TestSupport.Etcd;

/// <summary>How an <see cref="EtcdProcess"/> is started.</summary>
public sealed record EtcdProcessOptions
{
    /// <summary>Part of what the cluster ID is derived from; two etcds with the same token, name and ports have the same one.</summary>
    public string ClusterToken { get; init; } = "kvstoremesh-test";

    /// <summary>Serve TLS with a certificate of this authority for 127.0.0.1, localhost and the names; clients must have one of it too.</summary>
    public TestCertificates? Tls { get; init; }

    /// <summary>More host names of the server's certificate.</summary>
    public IReadOnlyList<string> ServerNames { get; init; } = [];

    /// <summary>The address for clients; the port is free.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>How often a quiet watch is told that it is up to date.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The program; null for the installed one.</summary>
    public string? Binary { get; init; }

    /// <summary>More flags.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];
}
