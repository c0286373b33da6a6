using Akka.Configuration;
using Akka.Hosting;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Sinks;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd;
using KvStoreMesh.Etcd.Writing;
using KvStoreMesh.Replicator.Certificates;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.Fanout;
using KvStoreMesh.Replicator.Health;
using KvStoreMesh.Replicator.Options;
using KvStoreMesh.Replicator.State;
using KvStoreMesh.Replicator.StatusApi;
using KvStoreMesh.Replicator.StatusPage;
using KvStoreMesh.Replicator.Telemetry;
using KvStoreMesh.Replicator.Tracing;
using OpenTelemetry.Metrics;

namespace KvStoreMesh.Replicator.Hosting;

/// <summary>What the daemon is made of. The order of the hosted services is the order of their start, and reversed of their stop.</summary>
internal static class DaemonServices
{
    private const string ClusterMeshSystem = "kvstoremesh";

    // .NET's own: processor, memory, garbage collector, thread pool.
    private const string RuntimeMeter = "System.Runtime";

    /// <summary>Adds everything.</summary>
    public static void AddDaemon(this IServiceCollection services, DaemonOptions options, TimeProvider time, Random random)
    {
        services.AddSingleton(options.ClusterConfigs);
        services.AddSingleton(options.Readiness);
        services.AddSingleton(time);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));

        // A generator is for one thread, or for one lock: each of those who roll dice has its own.
        var journal = services.AddState(options.State);
        AddMesh(services, journal, options.Quota, new Random(random.Next()), new Random(random.Next()));
        AddSink(services, options, new Random(random.Next()));
        AddConfigs(services);
        services.AddFanout(options.Fanout, options.ClusterConfigs.LocalCluster, new Random(random.Next()));
        services.AddSingleton(new DaemonTls(options.Sink?.ConfigFile, options.Tls));
        services.AddHostedService<CertificateWatcher>();
        AddStatus(services);
        services.AddTracing(options.Tracing, options.ClusterConfigs.LocalCluster.Value);
    }

    private static void AddMesh(IServiceCollection services, Config journal, SourceQuota quota, Random forConnector, Random forActors)
    {
        services.AddSingleton(new MeshCache(new MeshCacheOptions()));
        services.AddSingleton<MeshStatusBoard>();
        services.AddSingleton(new EtcdSourceOptions());
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<EtcdSourceConnector>(provider, forConnector));
        services.AddSingleton<ISourceConnector>(provider => provider.GetRequiredService<EtcdSourceConnector>());
        services.AddAkka(ClusterMeshSystem, (akka, provider) => akka
            .AddHocon(journal, HoconAddMode.Prepend)
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory(provider.GetRequiredService<ILoggerFactory>());
                loggers.LogLevel = Akka.Event.LogLevel.WarningLevel;
            })
            .WithActors((system, registry) => registry.Register<MeshActors>(new MeshActors
            {
                Connector = provider.GetRequiredService<ISourceConnector>(),
                Cache = provider.GetRequiredService<MeshCache>(),
                Board = provider.GetRequiredService<MeshStatusBoard>(),
                Time = provider.GetRequiredService<TimeProvider>(),
                Random = forActors,
                LoggerFactory = provider.GetRequiredService<ILoggerFactory>(),
                Sink = provider.GetService<EtcdSink>(),
                State = provider.GetService<MeshState>(),
                Options = new RemoteClusterOptions { Quota = quota },
            }.Start(system))));
    }

    private static void AddSink(IServiceCollection services, DaemonOptions options, Random random)
    {
        if (options.Sink is { } sink)
        {
            services.AddSingleton(provider => new EtcdSink(
                options.ClusterConfigs.LocalCluster,
                sink.Limits,
                new EtcdLocalStoreConnector(
                    sink.ConfigFile, provider.GetRequiredService<EtcdSourceConnector>(), provider.GetRequiredService<EtcdSourceOptions>()),
                provider.GetRequiredService<TimeProvider>(),
                random,
                provider.GetRequiredService<ILoggerFactory>()));
        }
    }

    private static void AddConfigs(IServiceCollection services)
    {
        services.AddSingleton<ClusterConfigBoard>();
        services.AddHostedService(provider => new ClusterConfigWatcher(
            provider.GetRequiredService<ClusterConfigOptions>(),
            provider.GetRequiredService<ClusterConfigBoard>(),
            message => provider.GetRequiredService<ActorRegistry>().Get<MeshActors>().Tell(message, Akka.Actor.ActorRefs.NoSender),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ClusterConfigWatcher>>()));
    }

    private static void AddStatus(IServiceCollection services)
    {
        services.AddSingleton<MeshStatus>();
        services.AddSingleton<ReadinessGate>();
        services.AddSingleton<MeshOverviewReader>();
        services.AddStatusPage();
        services.AddSingleton<MeshGauges>();
        services.AddSingleton<SinkGauges>();
        services.AddSingleton<SourceGauges>();
        services.AddSingleton<SubscriberGauges>();
        services.AddSingleton<StateGauges>();
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(FanoutMetrics.MeterName, MeshGauges.MeterName, RuntimeMeter)

            // Not counters, but called so: Prometheus' own linter refuses the names.
            .AddView("dotnet.assembly.count", MetricStreamConfiguration.Drop)
            .AddView("dotnet.process.cpu.count", MetricStreamConfiguration.Drop)
            .AddView("dotnet.timer.count", MetricStreamConfiguration.Drop)
            .AddPrometheusExporter());
    }
}
