using System.Runtime.InteropServices;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Replicator.ClusterConfigs;

namespace KvStoreMesh.Replicator.Tests.ClusterConfigs;

/// <summary>Cilium's sequence of events on a real directory (its <c>config_test.go</c>), and what it does not test.</summary>
public sealed partial class ConfigDirectoryScanTests : IDisposable
{
    private const string Content1 = "endpoints:\n- https://cluster1.cilium-etcd.cilium.svc:2379\n";
    private const string Content2 = "endpoints:\n- https://cluster1.cilium-etcd.cilium.svc:2380\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("kvstoremesh-configs-").FullName;
    private readonly ConfigDirectoryScan _scan = new(ClusterName.Parse("own"), TimeSpan.FromSeconds(1));
    private TimeSpan _now;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Follows_files_and_the_links_that_kubelet_swaps()
    {
        Write("cluster1", Content1);
        Swap("..data-1", Content1);
        File.CreateSymbolicLink(In("cluster2"), Path.Combine("..data", "cluster2"));
        AssertLook(configured: ["cluster1", "cluster2"]);

        File.Delete(In("cluster1"));
        AssertLook(removed: ["cluster1"]);

        Write("cluster3", Content1);
        AssertLook(configured: ["cluster3"]);

        File.Move(In("cluster3"), In("cluster1"));
        AssertLook(configured: ["cluster1"], removed: ["cluster3"]);

        File.SetLastWriteTimeUtc(In("cluster1"), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        AssertLook();

        Swap("..data-2", Content2);
        Directory.Delete(In("..data-1"), recursive: true);
        AssertLook(configured: ["cluster2"]);

        Swap("..data-1", Content1);
        Directory.Delete(In("..data-2"), recursive: true);
        AssertLook(configured: ["cluster2"]);

        File.Delete(In("cluster1"));
        File.Delete(In("cluster2"));
        AssertLook(removed: ["cluster1", "cluster2"]);
    }

    [Fact]
    public void Takes_only_readable_files_with_endpoints_that_are_not_the_own_cluster()
    {
        Write("garbage", "sf324kj234lkjsdvl\nwl34kj23l4k\nendpoints");
        Write("own", Content1);
        Write("common-etcd-client.key", "-----BEGIN PRIVATE KEY-----");
        Write(".cluster1.swp", Content1);
        Directory.CreateDirectory(In("folder"));
        AssertLook();
    }

    [Fact]
    public void A_name_that_no_cluster_can_have_is_a_problem_and_the_others_go_on()
    {
        Write("Cluster_1", Content1);
        Write("cluster2", Content1);
        var diff = AssertLook(configured: ["cluster2"]);
        var problem = Assert.Single(diff.Problems);
        Assert.Equal((In("Cluster_1"), "Cluster_1"), (problem.File, problem.Cluster));
        Assert.Contains("rename the file", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_replaced_is_never_seen_as_removed()
    {
        Write("cluster1", Content1);
        AssertLook(configured: ["cluster1"]);

        File.Delete(In("cluster1"));
        Assert.True(LookOnce().LookAgain);
        Write("cluster1", "");
        Assert.Empty(LookOnce().Removed);
        Write("cluster1", Content2);

        AssertLook(configured: ["cluster1"]);
    }

    [Fact]
    public void A_file_that_cannot_be_read_keeps_its_cluster()
    {
        Write("cluster1", Content1);
        AssertLook(configured: ["cluster1"]);
        Write("cluster1", new string('#', 5000));

        var diff = AssertLook();

        Assert.Contains("keeps its last configuration", Assert.Single(diff.Problems).Text, StringComparison.Ordinal);
        Assert.Equal("cluster1", Assert.Single(_scan.Clusters).Value);
        Write("cluster1", Content1);
        Assert.Empty(AssertLook().Problems);
    }

    [Fact]
    public void A_directory_that_vanished_keeps_every_cluster()
    {
        Write("cluster1", Content1);
        AssertLook(configured: ["cluster1"]);
        var moved = _directory + "-moved";
        Directory.Move(_directory, moved);

        Assert.Contains("every cluster keeps", Assert.Single(AssertLook().Problems).Text, StringComparison.Ordinal);

        Directory.Move(moved, _directory);
        Assert.Empty(AssertLook().Problems);
    }

    [Theory]
    [InlineData("empty", "")]
    [InlineData("slip", "endpoint:\n- https://cluster1.cilium-etcd.cilium.svc:2379\n")]
    public void A_file_without_endpoints_is_a_problem_and_keeps_its_cluster(string what, string text)
    {
        Write("cluster1", Content1);
        Write("cluster2", text);
        Assert.Contains("no 'endpoints:'", Assert.Single(AssertLook(configured: ["cluster1"]).Problems).Text, StringComparison.Ordinal);

        Write("cluster1", text);

        var diff = AssertLook();
        Assert.Contains("keeps its last configuration", diff.Problems[0].Text, StringComparison.Ordinal);
        Assert.True(_scan.Clusters is [{ Value: "cluster1" }], what);
    }

    [Fact]
    public void The_own_clusters_file_is_a_problem_and_no_cluster()
    {
        Write("own", Content1);
        Assert.Contains("--local-state", Assert.Single(AssertLook().Problems).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_and_certificates_are_passed_over_whatever_their_name()
    {
        Write("key", "-----BEGIN PRIVATE KEY-----");
        Write("common-etcd-client.key", "-----BEGIN PRIVATE KEY-----");
        Assert.Empty(AssertLook().Problems);
    }

    [Fact]
    public void A_link_to_nothing_is_a_problem_and_keeps_its_cluster()
    {
        Write("cluster1", Content1);
        AssertLook(configured: ["cluster1"]);
        File.Delete(In("cluster1"));
        File.CreateSymbolicLink(In("cluster1"), In("nowhere"));

        Assert.Contains("nowhere, which does not exist", Assert.Single(AssertLook().Problems).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_holds_nobody_up()
    {
        Assert.Equal(0, MakeFifo(In("cluster1"), 0x180));
        Write("cluster2", Content1);

        var diff = await Task.Run(() => AssertLook(configured: ["cluster2"])).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Contains("no regular file", Assert.Single(diff.Problems).Text, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(_directory, name);

    private void Write(string name, string text) => File.WriteAllText(In(name), text);

    // As kubelet: a new directory, a new link beside the old one, renamed over it.
    private void Swap(string data, string content)
    {
        Directory.CreateDirectory(In(data));
        Write(Path.Combine(data, "cluster2"), content);
        File.CreateSymbolicLink(In("..data_tmp"), data);
        Assert.Equal(0, Rename(In("..data_tmp"), In("..data")));
    }

    // File.Move follows the link, which leads to a directory.
    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);

    private ConfigDirectoryDiff LookOnce()
    {
        var files = ConfigFiles.ReadDirectory(_directory, 4096, out var failure);
        return _scan.Look(files, failure, _now);
    }

    // Looks twice, as the watcher does when a file is missing.
    private ConfigDirectoryDiff AssertLook(string[]? configured = null, string[]? removed = null)
    {
        var first = LookOnce();
        _now += TimeSpan.FromSeconds(1);
        var second = first.LookAgain ? LookOnce() : first;
        Assert.False(second.LookAgain);
        Assert.Equal(configured ?? [], first.Configured.Select(source => source.Cluster.Value));
        Assert.Equal(removed ?? [], second.Removed.Select(cluster => cluster.Value));
        Assert.Empty(LookOnce().Configured);
        return second;
    }
}
