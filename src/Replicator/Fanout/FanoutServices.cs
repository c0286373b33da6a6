using Grpc.AspNetCore.Server.Model;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Replicator.ClusterConfigs;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>Adds the stream. Needs a cache, a status board, a config board and a clock beside it.</summary>
internal static class FanoutServices
{
    /// <summary>Adds it.</summary>
    public static void AddFanout(this IServiceCollection services, FanoutOptions options, ClusterName localCluster, Random random)
    {
        services.AddSingleton(options);
        services.AddSingleton<FanoutMetrics>();
        services.AddSingleton<FreshnessFeed>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<SubscriberRegistry>(provider, random));
        services.AddSingleton<HelloRules>();
        services.AddSingleton(new DaemonInstance(Guid.NewGuid().ToString("N")));
        services.AddSingleton(provider => new OfferedClusters(
            () => provider.GetRequiredService<ClusterConfigBoard>().Clusters, localCluster, provider.GetRequiredService<DaemonInstance>()));
        services.AddSingleton<MeshService>();
        services.AddSingleton<IServiceMethodProvider<MeshService>, MeshServiceMethods>();
        services.AddHostedService<FanoutDrain>();
        services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = options.MaxClientFrameBytes);
    }
}
