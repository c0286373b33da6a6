using System.Diagnostics.Metrics;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Replicator.Certificates;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.Options;
using KvStoreMesh.Replicator.Telemetry;
using KvStoreMesh.TestSupport.Etcd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KvStoreMesh.Replicator.Tests.Certificates;

/// <summary>The stream's own certificate grows old, and is replaced.</summary>
public sealed class CertificateWatcherTests : IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly Lines _lines = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Its_end_is_a_metric_and_is_warned_of_until_the_file_is_replaced()
    {
        var (certFile, keyFile) = _certificates.Issue("daemon", TimeSpan.FromDays(10), "localhost");
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var configs = new ClusterConfigOptions { LocalCluster = ClusterName.Parse("a"), Directory = null, LocalStateFile = null };
        using var watcher = new CertificateWatcher(
            new MeshStatusBoard(), configs, new DaemonTls(null, new StreamTlsOptions(certFile, keyFile, _certificates.CaFile)),
            services.GetRequiredService<IMeterFactory>(), _time, _lines);
        await watcher.StartAsync(CancellationToken.None);

        await SaysAsync("The stream-server certificate of cluster a ends in 10 days");
        var end = Expiry("stream-server");
        Assert.InRange(end - _time.GetUtcNow().ToUnixTimeSeconds(), 9.9 * 86400, (10 * 86400) + 60);
        await SaysAsync("ends in 7 days", advance: TimeSpan.FromDays(3));
        await SaysAsync("ends in 1 days", advance: TimeSpan.FromDays(6));
        await SaysAsync("has ended", advance: TimeSpan.FromDays(1));

        var (next, _) = _certificates.Issue("daemon", TimeSpan.FromDays(200), "localhost");
        File.Copy(next, certFile, overwrite: true);
        await SaysAsync("was replaced", advance: TimeSpan.Zero);
        Assert.True(Expiry("stream-server") > end);
        Assert.DoesNotContain(_lines.All(), line => line.Contains("PRIVATE", StringComparison.Ordinal));
        await watcher.StopAsync(CancellationToken.None);
    }

    private static double Expiry(string kind)
    {
        var found = new List<double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "kvstoremesh_certificate_expiry_timestamp_seconds" && instrument.Meter.Name == MeshGauges.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            var labels = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
            if (Equals(labels["kind"], kind) && Equals(labels["cluster"], "a"))
            {
                found.Add(value);
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return Assert.Single(found);
    }

    private async Task SaysAsync(string text, TimeSpan? advance = null)
    {
        if (advance is { } time)
        {
            // The wall clock alone, then one look: not thousands of them.
            _time.AdjustTime(_time.GetUtcNow() + time);
            _time.Advance(CertificateWatcher.Interval);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!_lines.All().Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            await pause.WaitForNextTickAsync(limit.Token);
        }
    }

    private sealed class Lines : ILogger<CertificateWatcher>
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> All()
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
            {
                _lines.Add(formatter(state, exception));
            }
        }
    }
}
