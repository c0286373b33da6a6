using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.Environment;

public sealed class BpfEnvironmentTests
{
    [BpfFact]
    public void A_machine_that_has_everything_is_ready_and_says_where_it_is()
    {
        var found = BpfEnvironment.Probe(new());

        Assert.Empty(found.Problems);
        Assert.True(BpfFileSystem.Contains(found.BpfFsRoot!));
        Assert.True(File.Exists(Path.Combine(found.CgroupPath!, "cgroup.procs")));
    }

    [BpfFact]
    public void Each_missing_capability_is_one_line()
    {
        IReadOnlyList<string> none = ReducedCapabilities.Run([], () => BpfEnvironment.Probe(new()).Problems);
        IReadOnlyList<string> onlyBpf = ReducedCapabilities.Run([ReducedCapabilities.Bpf], () => BpfEnvironment.Probe(new()).Problems);

        Assert.Equal(2, none.Count);
        Assert.Contains("CAP_BPF is missing", none[0], StringComparison.Ordinal);
        Assert.Contains("CAP_NET_ADMIN is missing", Assert.Single(onlyBpf), StringComparison.Ordinal);
        Assert.All(none, problem => Assert.DoesNotContain('\n', problem));
    }

    [BpfFact]
    public void A_given_directory_that_is_no_bpffs_and_one_that_is_no_cgroup2_are_named_with_the_way_out()
    {
        var found = BpfEnvironment.Probe(new() { BpfFsRoot = "/tmp", CgroupPath = "/proc" });

        Assert.Equal(2, found.Problems.Count);
        Assert.Contains("mount -t bpf -o mode=0700 bpf /tmp", found.Problems[0], StringComparison.Ordinal);
        Assert.Contains("/proc is not in a cgroup2 hierarchy", found.Problems[1], StringComparison.Ordinal);
        Assert.Contains(
            "/no/such/cgroup does not exist",
            Assert.Single(BpfEnvironment.Probe(new() { CgroupPath = "/no/such/cgroup" }).Problems),
            StringComparison.Ordinal);
    }

    [BpfFact]
    public void A_bpffs_is_mounted_once_however_many_ask_at_the_same_time()
    {
        DirectoryInfo point = Directory.CreateTempSubdirectory("kvm-");
        try
        {
            BpfEnvironment[] found = new BpfEnvironment[8];
            Parallel.For(0, found.Length, i => found[i] = BpfEnvironment.Probe(new() { BpfFsRoot = point.FullName, MountBpfFs = true }));

            Assert.All(found, one => Assert.Empty(one.Problems));
            Assert.Single(MountTable.MountPointsOf("bpf"), path => path == point.FullName);
            // The kernel adds the sticky bit to the root of every bpffs.
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.StickyBit,
                File.GetUnixFileMode(point.FullName));
        }
        finally
        {
            while (MountTable.MountPointsOf("bpf").Contains(point.FullName))
            {
                Command.Run("umount", point.FullName);
            }

            point.Delete();
        }
    }

    [BpfFact]
    public void Mounting_without_the_capability_names_it()
    {
        DirectoryInfo point = Directory.CreateTempSubdirectory("kvm-");
        try
        {
            IReadOnlyList<string> problems = ReducedCapabilities.Run(
                [ReducedCapabilities.Bpf, ReducedCapabilities.NetAdmin],
                () => BpfEnvironment.Probe(new() { BpfFsRoot = point.FullName, MountBpfFs = true }).Problems);

            Assert.Contains("CAP_SYS_ADMIN", Assert.Single(problems), StringComparison.Ordinal);
        }
        finally
        {
            point.Delete();
        }
    }

    [Fact]
    public void Mounts_are_found_by_type_whole_trees_first_and_with_their_real_names()
    {
        string[] lines =
        [
            "28 26 0:24 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
            "29 28 0:25 / /sys/fs/cgroup/cpu rw,relatime shared:5 - cgroup cgroup rw,cpu",
            "39 28 0:35 /docker/abc /inside rw,relatime - cgroup2 cgroup2 rw",
            "40 28 0:35 / /sys/fs/cgroup/unified rw,relatime shared:1 master:2 - cgroup2 cgroup2 rw",
            "41 28 0:36 / /mnt/with\\040blank rw - cgroup2 none rw",
            "short line",
            "",
        ];

        Assert.Equal(["/sys/fs/cgroup/unified", "/mnt/with blank", "/inside"], MountTable.MountPointsOf(lines, "cgroup2"));
        Assert.Empty(MountTable.MountPointsOf(lines, "bpf"));
    }

    [Fact]
    public void CAP_SYS_ADMIN_stands_for_both_capabilities()
    {
        static (bool, bool) Has(string line)
        {
            var capabilities = ThreadCapabilities.Parse(["Name:\tx", line]);
            return (capabilities.HasBpf, capabilities.HasNetAdmin);
        }

        Assert.Equal((true, true), Has("CapEff:\t0000008000001000"));
        Assert.Equal((true, false), Has("CapEff:\t0000008000000000"));
        Assert.Equal((false, true), Has("CapEff:\t0000000000001000"));
        Assert.Equal((true, true), Has("CapEff:\t0000000000200000"));
        Assert.Equal((false, false), Has("CapPrm:\t0000008000001000"));
    }
}
