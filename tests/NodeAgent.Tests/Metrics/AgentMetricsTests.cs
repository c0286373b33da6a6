using CsCheck;
using KvStoreMesh.NodeAgent.Commands;
using KvStoreMesh.NodeAgent.Metrics;

namespace KvStoreMesh.NodeAgent.Tests.Metrics;

/// <summary>The hand-written exposition, and where it listens.</summary>
public sealed class AgentMetricsTests
{
    [Fact]
    public void A_label_keeps_a_sample_on_its_line_whatever_it_holds() => Gen.Char.Array[0, 20].Select(c => new string(c)).Sample(value =>
    {
        var lines = new MetricsText().Gauge("kvstoremesh_agent_x", "X").Sample(1.5, ("a", value), ("b", "")).ToString().Split('\n');
        Assert.Equal(4, lines.Length);
        var text = lines[2];
        Assert.StartsWith("kvstoremesh_agent_x{a=\"", text, StringComparison.Ordinal);
        Assert.EndsWith("\",b=\"\"} 1.5", text, StringComparison.Ordinal);
        var read = text["kvstoremesh_agent_x{a=\"".Length..^"\",b=\"\"} 1.5".Length]
            .Replace("\\\\", "\u0001", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal)
            .Replace("\u0001", "\\", StringComparison.Ordinal);
        return read == value || value.Contains('\u0001', StringComparison.Ordinal);
    });

    [Theory]
    [InlineData("127.0.0.1:9962", true)]
    [InlineData("[::1]:9962", true)]
    [InlineData(":9962", true)]
    [InlineData("9962", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("node:9962", false)]
    public void An_address_is_one_with_a_port(string text, bool valid) => Assert.Equal(valid, MetricsEndpoint.TryParse(text, out _));

    [Fact]
    public void The_own_cgroup_is_put_in_and_other_paths_stay()
    {
        string[] hybrid = ["4:memory:/docker/x", "0::/docker/x"];
        Assert.Equal("/cg/docker/x", OwnCgroup.Expand("/cg/{self}", () => hybrid));
        Assert.Equal("/cg", OwnCgroup.Expand("/cg/{self}", () => ["0::/"])?.TrimEnd('/'));
        Assert.Equal("/cg/y", OwnCgroup.Expand("/cg/y", () => throw new InvalidOperationException("not asked")));
        Assert.Null(OwnCgroup.Expand(null, () => hybrid));
        Assert.Throws<IOException>(() => OwnCgroup.Expand("/cg/{self}", () => ["4:memory:/"]));
    }
}
