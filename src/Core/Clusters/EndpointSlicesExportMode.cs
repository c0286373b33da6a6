namespace KvStoreMesh.Core.Clusters;

/// <summary>The values of <c>capabilities.endpointSlicesExportMode</c> (Cilium 1.20 and later).</summary>
public static class EndpointSlicesExportMode
{
    /// <summary>Absent or empty: services only.</summary>
    public const string ServicesOnly = "";

    /// <summary>Both services and endpoint slices are exported.</summary>
    public const string ServicesAndEndpointSlices = "services-and-endpointslices";

    /// <summary>Only endpoint slices are exported.</summary>
    public const string EndpointSlicesOnly = "endpointslices-only";
}
