using System.Net.Sockets;
using KvStoreMesh.Bpf.Links;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.SocketLb;
using KvStoreMesh.Bpf.Syscalls;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

/// <summary>How long an attachment lives, and who takes it over.</summary>
public sealed class LinkTests
{
    [BpfFact]
    public void Connections_are_balanced_on_when_the_agent_is_gone()
    {
        using var host = new SteeredHost();
        using var backend = new EchoBackend(1);
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, backend.Tcp));

        host.CloseMaps();

        using Socket socket = host.NewSocket(SocketType.Stream);
        socket.Connect(SteeredHost.Frontend());
        Assert.Equal(1, TcpTests.Ask(socket));
    }

    [BpfFact]
    public void A_restart_adopts_every_link_and_every_map()
    {
        using var host = new SteeredHost();
        using var backend = new EchoBackend(1);
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, backend.Tcp));
        Assert.All(host.Links, link => Assert.Equal(LinkOrigin.Created, link.Origin));

        host.Restart();

        Assert.Equal(9, host.Links.Count);
        Assert.All(host.Links, link => Assert.Equal(LinkOrigin.Adopted, link.Origin));
        Assert.Equal(
            host.Links.Select(link => Path.Combine(host.Options.BpfFsRoot, "cilium/socketlb/links/cgroup", link.Program)),
            host.Links.Select(link => link.PinPath));
        using Socket socket = host.NewSocket(SocketType.Stream);
        socket.Connect(SteeredHost.Frontend());
        Assert.Equal(1, TcpTests.Ask(socket));
    }

    [BpfFact]
    public void A_link_of_another_cgroup_is_replaced()
    {
        using var host = new SteeredHost();
        using var other = new CgroupDir();
        using var backend = new EchoBackend(1);
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, backend.Tcp));

        IReadOnlyList<SocketLbLink> links =
            SocketLoadBalancer.Attach(host.Options with { CgroupPath = other.Path }, host.Maps);

        Assert.All(links, link => Assert.Equal(LinkOrigin.Recreated, link.Origin));
        using Socket left = host.NewSocket(SocketType.Stream);
        Assert.Equal(SocketError.ConnectionRefused, TcpTests.FailureOf(() => left.Connect(SteeredHost.Frontend())));
        using Socket joined = other.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        joined.Connect(SteeredHost.Frontend());
        Assert.Equal(1, TcpTests.Ask(joined));
    }

    [BpfFact]
    public void A_link_whose_cgroup_is_gone_is_replaced()
    {
        using var host = new SteeredHost();
        using var next = new CgroupDir();
        using (var gone = new CgroupDir())
        {
            SocketLoadBalancer.Attach(host.Options with { CgroupPath = gone.Path }, host.Maps);
        }

        IReadOnlyList<SocketLbLink> links =
            SocketLoadBalancer.Attach(host.Options with { CgroupPath = next.Path }, host.Maps);

        Assert.All(links, link => Assert.Equal(LinkOrigin.Recreated, link.Origin));
    }

    [BpfFact]
    public void Detaching_ends_it_leaves_no_pin_and_may_be_repeated()
    {
        using var host = new SteeredHost();
        using var backend = new EchoBackend(1);
        host.Publish(LbProtocol.Tcp, 5, new TestBackend(1, backend.Tcp));

        SocketLoadBalancer.Detach(host.Options);
        SocketLoadBalancer.Detach(host.Options);

        using Socket socket = host.NewSocket(SocketType.Stream);
        Assert.Equal(SocketError.ConnectionRefused, TcpTests.FailureOf(() => socket.Connect(SteeredHost.Frontend())));
        Assert.All(host.Links, link => Assert.False(File.Exists(link.PinPath)));
    }

    [BpfFact]
    public void Two_agents_with_their_own_prefix_share_a_bpffs()
    {
        using var host = new SteeredHost();
        using var other = new CgroupDir();
        SocketLbOptions second = host.Options with { CgroupPath = other.Path, Prefix = "b_" };

        IReadOnlyList<SocketLbLink> links = SocketLoadBalancer.Attach(second, host.Maps);

        Assert.All(links, link => Assert.StartsWith("b_cil_sock", Path.GetFileName(link.PinPath), StringComparison.Ordinal));
        SocketLoadBalancer.Detach(second);
        Assert.All(host.Links, link => Assert.True(File.Exists(link.PinPath)));
    }

    [BpfFact]
    public void A_directory_that_is_no_cgroup2_is_refused_in_words()
    {
        using var host = new SteeredHost();
        using var bpffs = new BpffsDir();
        SocketLbOptions wrong = host.Options with { CgroupPath = "/tmp", BpfFsRoot = bpffs.Path };
        SocketLbOptions missing = host.Options with { CgroupPath = "/sys/fs/cgroup/no-such-cgroup" };

        BpfException refused = Assert.Throws<BpfException>(() => SocketLoadBalancer.Attach(wrong, host.Maps));
        BpfException absent = Assert.Throws<BpfException>(() => SocketLoadBalancer.Attach(missing, host.Maps));

        Assert.Equal("EBADF", refused.ErrorName);
        Assert.Contains("/tmp", refused.Message, StringComparison.Ordinal);
        Assert.Contains("cgroup v1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("no-such-cgroup: ENOENT", absent.Message, StringComparison.Ordinal);
    }

    [BpfFact]
    public void An_attachment_that_fails_half_way_leaves_nothing_behind()
    {
        using var host = new SteeredHost();
        using var bpffs = new BpffsDir();
        using var cgroup = new CgroupDir();
        SocketLbOptions options = host.Options with { BpfFsRoot = bpffs.Path, CgroupPath = cgroup.Path };
        string obstacle = Path.Combine(bpffs.Path, "cilium/socketlb/links/cgroup/cil_sock6_connect");
        Directory.CreateDirectory(obstacle);

        Assert.Throws<BpfException>(() => SocketLoadBalancer.Attach(options, host.Maps));

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(obstacle)!));
        Assert.DoesNotContain("cil_sock", Command.Run("bpftool", "cgroup", "show", cgroup.Path), StringComparison.Ordinal);
    }
}
