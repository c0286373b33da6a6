using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.Fanout;
using KvStoreMesh.Replicator.Hosting;
using KvStoreMesh.Replicator.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>The stream as the daemon serves it, on a free loopback port, over a real cache that the test writes to.</summary>
internal sealed class StreamServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StreamServer(WebApplication app) => _app = app;

    public MeshCache Cache => _app.Services.GetRequiredService<MeshCache>();

    public MeshStatusBoard Board => _app.Services.GetRequiredService<MeshStatusBoard>();

    public ClusterConfigBoard Configs => _app.Services.GetRequiredService<ClusterConfigBoard>();

    public SubscriberRegistry Registry => _app.Services.GetRequiredService<SubscriberRegistry>();

    public IServiceProvider Services => _app.Services;

    public Uri Address => new(
        _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<StreamServer> StartAsync(
        FanoutOptions? fanout = null, MeshCacheOptions? cache = null, StreamTlsOptions? tls = null, int seed = 1)
    {
        var own = ClusterName.Parse("own");
        var options = new DaemonOptions
        {
            ClusterConfigs = new ClusterConfigOptions { LocalCluster = own },
            Listen = new ListenAddress(System.Net.IPAddress.Loopback, 0),
            Tls = tls,
            Http = [],
            Fanout = fanout ?? new FanoutOptions(),
        };
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.Services.AddSingleton(new MeshCache(cache ?? new MeshCacheOptions()));
        builder.Services.AddSingleton<MeshStatusBoard>();
        builder.Services.AddSingleton<ClusterConfigBoard>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddFanout(fanout ?? new FanoutOptions(), own, new Random(seed));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Endpoints.Configure(
            kestrel, options, tls is null ? null : new StreamCertificates(tls, TimeProvider.System), connectionsPerAddress: 1000));
        var app = builder.Build();
        app.MapGrpcService<MeshService>();
        await app.StartAsync();
        return new StreamServer(app);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
