using System.Diagnostics.CodeAnalysis;
using System.Net;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Core.Resources;

/// <summary>A service as one cluster exports it: <c>cilium/state/services/v1/&lt;c&gt;/&lt;namespace&gt;/&lt;name&gt;</c>.</summary>
public sealed record ClusterService
{
    /// <summary>The exporting cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>The Kubernetes namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The Kubernetes name.</summary>
    public required string Name { get; init; }

    /// <summary>Cluster IP → port name → port. Empty for headless services.</summary>
    public required IReadOnlyDictionary<IPAddress, IReadOnlyDictionary<string, L4Port>> Frontends { get; init; }

    /// <summary>Backend IP → port name → port. An unnamed port has the empty name.</summary>
    public required IReadOnlyDictionary<IPAddress, IReadOnlyDictionary<string, L4Port>> Backends { get; init; }

    /// <summary>The cluster consumes backends of other clusters.</summary>
    public bool IncludeExternal { get; init; }

    /// <summary>The cluster offers its backends to others.</summary>
    public bool Shared { get; init; }

    /// <summary>The id of the exporting cluster.</summary>
    public uint ClusterId { get; init; }

    /// <summary>Parses the JSON, or says in <paramref name="error"/> what is wrong with it.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> json, [NotNullWhen(true)] out ClusterService? service, [NotNullWhen(false)] out string? error) =>
        throw new NotImplementedException();

    /// <summary>
    /// Checks that the value belongs where it was found: names not empty, cluster, <c>namespace/name</c> and id as expected.
    /// Null if so, else what is wrong.
    /// </summary>
    public string? Validate(ClusterName cluster, uint clusterId, string keyName) => throw new NotImplementedException();
}
