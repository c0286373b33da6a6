using KvStoreMesh.Replicator.Commands;
using KvStoreMesh.Replicator.Fanout;
using KvStoreMesh.Replicator.Health;
using KvStoreMesh.Replicator.Options;
using KvStoreMesh.Replicator.StatusApi;
using KvStoreMesh.Replicator.StatusPage;
using KvStoreMesh.Replicator.Telemetry;
using KvStoreMesh.Replicator.Tracing;

namespace KvStoreMesh.Replicator.Hosting;

/// <summary>Builds the daemon and runs it until it is told to stop.</summary>
internal static class DaemonHost
{
    /// <summary>Runs; returns the exit code.</summary>
    /// <exception cref="OptionException">An address is in use, or a TLS file is not one.</exception>
    public static async Task<int> RunAsync(DaemonOptions options, CancellationToken cancellationToken)
    {
        await using var app = Build(options, TimeProvider.System, new Random());
        Endpoints.EnsureFree(options);
        await app.StartAsync(cancellationToken);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(DaemonHost));
        Announce(options, logger);
        await app.WaitForShutdownAsync(cancellationToken);
        DaemonLog.Stopped(logger);
        return 0;
    }

    /// <summary>Builds the daemon without starting it.</summary>
    /// <exception cref="OptionException">A TLS file is not one, or the limit of open files is too low.</exception>
    public static WebApplication Build(DaemonOptions options, TimeProvider time, Random random)
    {
        var connections = OpenFiles.ConnectionsPerAddress(OpenFiles.Limit(), 1 + options.Http.Count);

        // Empty: nothing is read from files or variables that happen to be there.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var certificates = options.Tls is { } tls ? new StreamCertificates(tls, time) : null;
        builder.Logging.AddConsole(options);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        builder.Services.AddRouting();
        builder.Services.AddDaemon(options, time, random);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Endpoints.Configure(kestrel, options, certificates, connections));

        var app = builder.Build();
        if (certificates is not null)
        {
            var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger<StreamCertificates>();
            certificates.OnReloadFailed = reason => DaemonLog.CertificatesNotReloaded(logger, reason);
        }

        // Creates the gauges; nobody else asks for them.
        app.Services.GetRequiredService<MeshGauges>();
        app.Services.GetRequiredService<SinkGauges>();
        app.Services.GetRequiredService<SourceGauges>();
        app.Services.GetRequiredService<SubscriberGauges>();
        app.Services.GetRequiredService<FanoutMetrics>().Acknowledged = app.Services.GetRequiredService<ChangeTraces>().Applied;
        app.Services.GetRequiredService<StateGauges>();
        app.Use(KeepApart);
        app.MapGrpcService<MeshService>();
        app.MapHealth();
        app.MapStatus();
        app.MapStatusPage();
        app.MapPrometheusScrapingEndpoint("/metrics");
        return app;
    }

    // HTTP/2 is spoken on the stream's address only, which serves nothing but the stream.
    private static Task KeepApart(HttpContext context, RequestDelegate next)
    {
        var isGrpc = context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;
        if (HttpProtocol.IsHttp2(context.Request.Protocol) && !isGrpc)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return next(context);
    }

    private static void Announce(DaemonOptions options, ILogger logger)
    {
        DaemonLog.Started(
            logger,
            VersionCommand.Version,
            options.ClusterConfigs.LocalCluster.Value,
            options.Listen.ToString(),
            options.Tls is null ? "plain text" : "mutual TLS",
            string.Join(", ", options.Http.Select(http => http.Address)));
        if (options.State is null)
        {
            DaemonLog.KeepsNoState(logger);
        }

        if (options.WithoutEffect.Count > 0)
        {
            DaemonLog.WithoutEffect(logger, string.Join(", ", options.WithoutEffect));
        }

        if (options.Tls is null && !options.Listen.IsLoopback)
        {
            DaemonLog.Plaintext(logger, options.Listen.ToString());
        }
    }
}
