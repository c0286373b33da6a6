namespace KvStoreMesh.Replicator.Tracing;

/// <summary>Where traces go.</summary>
/// <param name="Endpoint">An OTLP collector, by HTTP and protobuf; its path is <c>/v1/traces</c>.</param>
internal sealed record TracingOptions(Uri Endpoint);
