using KvStoreMesh.Replicator.Commands;
using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.Tests.Commands;

public sealed class RunFlagsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kvstoremesh-flags-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Ciliums_own_command_line_is_taken()
    {
        // As its Helm chart 1.20 writes it.
        var file = Path.Combine(_directory, "etcd-config.yaml");
        File.WriteAllText(file, "endpoints: [https://127.0.0.1:2379]");
        var options = Parse(
            ("--kvstore-opt", [$"etcd.config={file}", "etcd.qps=100", "etcd.bootstrapQps=10000", "etcd.maxInflight=10"]),
            ("--max-connected-clusters", ["511"]),
            ("--clustermesh-cache-ttl", ["0s"]),
            ("--health-port", ["9881"]),
            ("--prometheus-serve-addr", [":9964"]),
            ("--controller-group-metrics", ["all"]),
            ("--enable-heartbeat", ["false"]),
            ("--global-ready-timeout", ["5m"]));

        Assert.Equal(("b", _directory), (options.ClusterConfigs.LocalCluster.Value, options.ClusterConfigs.Directory));
        Assert.Equal(["--prometheus-serve-addr :9964", "--health-port :9881"], options.Http.Select(http => $"{http.Option} {http.Address}"));
        Assert.Equal(TimeSpan.FromMinutes(5), options.Readiness.GlobalTimeout);
        Assert.Equal(TimeSpan.FromSeconds(15), options.Readiness.PerClusterTimeout);
        Assert.Equal(["--controller-group-metrics"], options.WithoutEffect);
        Assert.Equal(file, options.Sink!.ConfigFile);
        var limits = options.Sink.Limits;
        Assert.Equal((100, 10000, 10), (limits.Qps, limits.BootstrapQps, limits.MaxInFlight));
        Assert.Equal((TimeSpan.FromMinutes(15), TimeSpan.Zero, true, false), (limits.LeaseTtl, limits.CacheTtl, limits.Drain, limits.Heartbeat));
    }

    [Fact]
    public void Without_a_local_etcd_nothing_is_mirrored_and_what_is_about_it_is_said_to_be_without_effect()
    {
        var options = Parse(("--kvstore-opt", ["etcd.limit=256"]), ("--enable-heartbeat", ["false"]));
        Assert.Null(options.Sink);
        Assert.Equal(["--kvstore-opt etcd.limit"], options.WithoutEffect);
    }

    [Fact]
    public void The_local_etcd_is_named_once()
    {
        string[] files = [Path.Combine(_directory, "one"), Path.Combine(_directory, "two")];
        Array.ForEach(files, file => File.WriteAllText(file, ""));
        Assert.Equal(files[0], Parse(("--etcd-sink", [files[0]])).Sink!.ConfigFile);
        Assert.Throws<OptionException>(() => Parse(("--etcd-sink", [files[0]]), ("--kvstore-opt", [$"etcd.config={files[1]}"])));
    }

    [Fact]
    public void Defaults_stay_on_this_machine()
    {
        var options = Parse();
        Assert.Equal("127.0.0.1:4260", options.Listen.ToString());
        Assert.Equal(("--http", "127.0.0.1:9964"), options.Http.Select(http => (http.Option, http.Address.ToString())).Single());
        Assert.Null(options.Tls);
    }

    [Theory]
    [InlineData("--cluster-name", "")]
    [InlineData("--cluster-name", "B")]
    [InlineData("--cluster-name", "b-")]
    [InlineData("--cluster-name", "default")]
    [InlineData("--cluster-name", "a-name-of-thirty-three-characters-")]
    [InlineData("--cluster-id", "0")]
    [InlineData("--cluster-id", "256")]
    [InlineData("--cluster-id", "two")]
    [InlineData("--max-connected-clusters", "300")]
    [InlineData("--clustermesh-config", "/does/not/exist")]
    [InlineData("--local-state", "/does/not/exist")]
    [InlineData("--listen", "nowhere")]
    [InlineData("--listen", "0.0.0.0:4260")]
    [InlineData("--http", "9964")]
    [InlineData("--health-port", "high")]
    [InlineData("--global-ready-timeout", "10 minutes")]
    [InlineData("--tls-cert-file", "/does/not/exist")]
    [InlineData("--log-format", "xml")]
    [InlineData("--debug", "maybe")]
    [InlineData("--enable-heartbeat", "true")]
    [InlineData("--clustermesh-cache-ttl", "5m")]
    [InlineData("--kvstore", "consul")]
    [InlineData("--clustermesh-service-v2", "only-endpointslice")]
    [InlineData("--disable-drain-on-disconnection", "perhaps")]
    [InlineData("--kvstore-lease-ttl", "10s")]
    [InlineData("--etcd-sink", "/does/not/exist")]
    [InlineData("--kvstore-opt", "etcd.unknown=1")]
    [InlineData("--kvstore-opt", "etcd.qps")]
    public void A_wrong_value_is_refused_in_one_line_that_begins_with_its_option(string option, string value)
    {
        var refused = Assert.Throws<OptionException>(() => Parse((option, [value])));
        Assert.StartsWith(option + ": ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Plain_text_to_other_machines_must_be_asked_for()
    {
        var options = Parse(("--listen", [":4260"]), ("--allow-plaintext", ["true"]));
        Assert.Equal(":4260", options.Listen.ToString());
    }

    [Fact]
    public void A_remote_cluster_has_no_quota_unless_one_is_given()
    {
        Assert.Equal(default, Parse().Quota);
        Assert.Equal(new(5000, 1 << 20), Parse(("--cluster-max-keys", ["5000"]), ("--cluster-max-bytes", ["1048576"])).Quota);
        var refused = Assert.Throws<OptionException>(() => Parse(("--cluster-max-keys", ["-1"])));
        Assert.StartsWith("--cluster-max-keys: '-1' must be a number", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutual_tls_needs_all_three_files()
    {
        var file = Path.Combine(_directory, "file.pem");
        File.WriteAllText(file, "");
        var refused = Assert.Throws<OptionException>(() => Parse(("--tls-cert-file", [file]), ("--tls-key-file", [file])));
        Assert.StartsWith("--tls-client-ca-file: is required too", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(Parse(
            ("--listen", [":1"]), ("--tls-cert-file", [file]), ("--tls-key-file", [file]), ("--tls-client-ca-file", [file])).Tls);
    }

    [Fact]
    public void There_must_be_something_to_replicate()
    {
        var refused = Assert.Throws<OptionException>(() => Parse(("--clustermesh-config", [""])));
        Assert.StartsWith("--clustermesh-config: is required", refused.Message, StringComparison.Ordinal);
    }

    private DaemonOptions Parse(params (string Option, string[] Values)[] flags)
    {
        var all = new Dictionary<string, IReadOnlyList<string>>
        {
            ["--cluster-name"] = ["b"],
            ["--cluster-id"] = ["2"],
            ["--clustermesh-config"] = [_directory],
        };
        foreach (var (option, values) in flags)
        {
            all[option] = values;
        }

        return new RunFlags(all).ToOptions();
    }
}
