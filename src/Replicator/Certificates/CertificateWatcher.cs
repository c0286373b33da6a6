using System.Diagnostics.Metrics;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.Telemetry;

namespace KvStoreMesh.Replicator.Certificates;

/// <summary>
/// Looks once a minute at the certificate files of every connection: of the sources, of the local etcd, of the stream.
/// It changes nothing: each new connection reads its files itself, and an open one is never touched.
/// </summary>
internal sealed class CertificateWatcher(
    MeshStatusBoard board, ClusterConfigOptions configs, DaemonTls tls, IMeterFactory meters, TimeProvider time, ILogger<CertificateWatcher> logger)
    : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ExpiryRule _rule = new();
    private volatile IReadOnlyList<WatchedCertificate> _current = [];

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        meters.Create(MeshGauges.MeterName).CreateObservableGauge(
            "kvstoremesh_certificate_expiry_timestamp_seconds", Expiries, description: "Unix time at which a certificate ends");
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                Look();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private void Look()
    {
        var local = configs.LocalCluster.Value;
        _current =
        [
            .. board.Current.Values.Select(status => status.Definition)
                .SelectMany(source => CertificateFiles.OfEtcd(source.Cluster.Value, string.Empty, source.ConfigPath, source.ConfigText)),
            .. tls.SinkConfigFile is { } sink ? CertificateFiles.OfSink(local, sink) : [],
            .. tls.Stream is { } stream ? CertificateFiles.OfStream(local, stream) : [],
        ];
        var now = time.GetUtcNow();
        foreach (var notice in _rule.Look(_current, now))
        {
            CertificatesLog.Report(logger, notice, now);
        }
    }

    private IEnumerable<Measurement<double>> Expiries() => _current.Select(certificate => new Measurement<double>(
        certificate.NotAfter.ToUnixTimeSeconds(),
        new KeyValuePair<string, object?>("cluster", certificate.Cluster),
        new KeyValuePair<string, object?>("kind", certificate.Kind)));
}
