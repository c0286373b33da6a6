using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace KvStoreMesh.Replicator.Tracing;

/// <summary>Adds traces, and their export if it is asked for. Without it nobody listens, and nothing is followed.</summary>
internal static class TracingServices
{
    /// <summary>Adds it.</summary>
    public static void AddTracing(this IServiceCollection services, TracingOptions? options, string cluster)
    {
        services.AddSingleton<ChangeTraces>();
        if (options is null)
        {
            return;
        }

        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("kvstoremesh", serviceInstanceId: cluster))
            .WithTracing(tracing => tracing.AddSource(ChangeTraces.SourceName).AddOtlpExporter(Export("v1/traces")))
            .WithMetrics(metrics => metrics.AddOtlpExporter(Export("v1/metrics")));

        Action<OtlpExporterOptions> Export(string path) => otlp =>
        {
            otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
            otlp.Endpoint = new Uri(options.Endpoint, path);
        };
    }
}
