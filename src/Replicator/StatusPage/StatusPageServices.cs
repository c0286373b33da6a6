using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>Adds the page. Needs the status beside it.</summary>
internal static class StatusPageServices
{
    /// <summary>Adds it.</summary>
    public static void AddStatusPage(this IServiceCollection services)
    {
        services.AddSingleton(provider => new PageFrames(
            provider.GetRequiredService<MeshOverviewReader>().Read, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PageViewers>();
    }
}
