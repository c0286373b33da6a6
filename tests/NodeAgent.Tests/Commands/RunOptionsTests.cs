using KvStoreMesh.NodeAgent.Commands;

namespace KvStoreMesh.NodeAgent.Tests.Commands;

public sealed class RunOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(new RunOptions().Problems());

    [Theory]
    [InlineData("host")]
    [InlineData("host:")]
    [InlineData("ftp://host:1")]
    [InlineData("http://host:1/path")]
    [InlineData("http://host")]
    [InlineData("")]
    public void A_server_without_host_and_port_is_refused(string server) =>
        Assert.StartsWith("--server", Assert.Single(new RunOptions { Servers = [server] }.Problems()), StringComparison.Ordinal);

    [Theory]
    [InlineData("host:4260", "http://host:4260/")]
    [InlineData("[::1]:4260", "http://[::1]:4260/")]
    [InlineData("https://host:4260", "https://host:4260/")]
    public void A_server_is_an_address_or_a_url(string server, string expected) =>
        Assert.Equal(expected, new RunOptions { Servers = [server] }.Subscription().Servers.Single().ToString());

    [Fact]
    public void A_TLS_file_makes_a_plain_address_mean_https() =>
        Assert.Equal("https", new RunOptions { Servers = ["host:1"], TlsCaFile = "ca.pem" }.Subscription().Servers.Single().Scheme);

    [Fact]
    public void The_length_of_a_socket_path_counts_in_bytes() => Assert.StartsWith(
        "--socket", Assert.Single(new RunOptions { Socket = "/" + new string('é', 60) }.Problems()), StringComparison.Ordinal);

    [Fact]
    public void Every_bad_option_is_named()
    {
        var options = new RunOptions
        {
            NodeName = "two words",
            ClusterName = "Upper",
            NodeIp = "10.0.0.300",
            BpfMapPrefix = "a.b",
            LbMapMax = 0,
            SyncTimeoutSeconds = -1,
            TlsKeyFile = "key.pem",
            Socket = "",
            LogLevel = "99",
            Datapath = (DatapathKind)7,
        };
        string[] named = ["--node-name", "--cluster-name", "--node-ip", "--bpf-map-prefix", "--lb-map-max", "--sync-timeout", "--tls-key-file", "--socket", "--log-level", "--datapath"];
        Assert.Equal(named.Order(), options.Problems().Select(problem => problem.Split(' ', ':')[0]).Order());
    }
}
