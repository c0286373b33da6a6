namespace KvStoreMesh.Replicator.Commands;

/// <summary>
/// A flag of Cilium's <c>clustermesh-apiserver kvstoremesh</c> that this daemon takes, so that its Helm chart's command
/// line works, and that changes nothing here.
/// </summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Only">The values that ask for nothing we lack; null if every value does.</param>
internal sealed record CiliumFlag(string Name, params string[]? Only)
{
    /// <summary>The flags, by what they are about.</summary>
    public static IReadOnlyList<CiliumFlag> All { get; } =
    [
        // The local etcd.
        new("--kvstore", "etcd"),
        new("--kvstore-max-consecutive-quorum-errors", null),
        new("--clustermesh-service-v2", "prefer-legacy"),

        // Debugging of the Go process.
        new("--controller-group-metrics", null),
        new("--gops-port", null),
        new("--enable-gops", null),
        new("--pprof", null),
        new("--pprof-address", null),
        new("--pprof-port", null),
        new("--log-driver", null),
        new("--log-opt", null),
        new("--shell-sock-path", null),
    ];
}
