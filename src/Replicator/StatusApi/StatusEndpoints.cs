using System.Text.Json.Serialization.Metadata;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>The routes of <c>/v1</c>: Cilium's one, and ours beside it.</summary>
internal static class StatusEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapStatus(this IEndpointRouteBuilder routes)
    {
        var status = routes.ServiceProvider.GetRequiredService<MeshStatus>();
        routes.Map("/v1/cluster", () => status.Clusters(), StatusJson.Cilium.IReadOnlyListRemoteClusterModel);
        routes.Map("/v1/subscribers", () => status.Subscribers(), StatusJson.Full.IReadOnlyListSubscriberModel);
        var overview = routes.ServiceProvider.GetRequiredService<MeshOverviewReader>();
        routes.Map("/v1/status", () => StatusModel.Of(overview.Read(before: null)), StatusJson.Full.StatusModel);
        routes.Map("/v1/configuration", () => status.Configuration(), StatusJson.Full.ConfigurationModel);
    }

    private static void Map<T>(this IEndpointRouteBuilder routes, string path, Func<T> read, JsonTypeInfo<T> type) =>
        routes.MapGet(path, (HttpContext context) => context.Response.WriteAsJsonAsync(read(), type));
}
