namespace KvStoreMesh.MeshBench.Results;

/// <summary>What one system did in one part of a scenario. What does not apply is null.</summary>
public sealed record BenchResult
{
    /// <summary><c>kvstoremesh</c>, <c>etcd-direct</c>, <c>etcd-grpc-proxy</c> or what the scenario names.</summary>
    public required string System { get; init; }

    /// <summary>Which part of the scenario, where it has several.</summary>
    public string? Phase { get; init; }

    public int? Subscribers { get; init; }

    /// <summary>Changes written to the sources a second.</summary>
    public double? EventsPerS { get; init; }

    /// <summary>Changes that arrived, over all subscribers.</summary>
    public long? Deliveries { get; init; }

    /// <summary>Of everything between the source's writer and the subscribers: etcd, and daemon or proxy.</summary>
    public double? CpuSeconds { get; init; }

    public double? CpuUsPerDelivery { get; init; }

    public LagQuantiles? LagMs { get; init; }

    /// <summary>Of the process that serves the subscribers.</summary>
    public double? RssMb { get; init; }

    /// <summary>At the etcds, by the kernel's socket table.</summary>
    public int? Connections { get; init; }

    /// <summary>At the etcds, by their own count.</summary>
    public int? Watchers { get; init; }

    /// <summary>Keys, over all subscribers, that differ from the source when all is quiet.</summary>
    public long? Lost { get; init; }

    public long? Duplicated { get; init; }

    /// <summary>Further numbers of this scenario, units in their names.</summary>
    public Dictionary<string, double> Details { get; init; } = [];
}
