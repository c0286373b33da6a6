using KvStoreMesh.EndToEnd.Lab;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.EndToEnd;

/// <summary>The demo's scenario in assertions: real etcds, the real programs, real eBPF, real connections.</summary>
public sealed class ThreeClustersTests
{
    private const int Connections = 200;

    [BpfFact]
    public void A_virtual_ip_reaches_the_backends_of_every_cluster_through_losses_changes_and_removal()
    {
        using var lab = new MeshLab();
        foreach (var cluster in new[] { lab.A, lab.B, lab.C })
        {
            lab.StartEtcd(cluster);
            foreach (var pair in CiliumValues.Of(cluster))
            {
                lab.Put(cluster, pair);
            }

            lab.StartBackends(cluster);
        }

        lab.Configure(lab.B);
        lab.Configure(lab.C);
        lab.StartDaemon();
        foreach (var agent in MeshLab.Agents)
        {
            lab.StartAgent(agent);
        }

        var all = lab.B.Backends.Concat(lab.C.Backends).ToArray();
        foreach (var agent in MeshLab.Agents)
        {
            lab.Eventually($"{agent} has every backend", () => MeshLab.KernelBackends(agent).SequenceEqual(all));
        }

        lab.Eventually("b and c are ready", () => lab.IsReady(lab.B) && lab.IsReady(lab.C));
        Assert_one_connection_and_one_watch_stream_each(lab);
        Assert_balanced(lab, all);

        // I13: the loss of a source withdraws nothing.
        lab.KillEtcd(lab.B);
        lab.Eventually("the daemon notices the loss of b", () => lab.ClusterStatus(lab.B) is not null && !lab.IsReady(lab.B));
        Assert.All(MeshLab.Agents, agent => Assert.Equal(all, MeshLab.KernelBackends(agent)));
        Assert_balanced(lab, all);

        lab.StartEtcd(lab.B);
        lab.Eventually("b is ready again", () => lab.IsReady(lab.B), seconds: 60);
        Assert.All(MeshLab.Agents, agent => Assert.Equal(all, MeshLab.KernelBackends(agent)));

        // A deleted backend leaves both kernels, and the service of another cluster is not touched.
        var gone = lab.B.Backends[1];
        var left = all.Except([gone]).ToArray();
        lab.Put(lab.B, CiliumValues.Service(lab.B, [lab.B.Backends[0]]));
        lab.Delete(lab.B, CiliumValues.Endpoint(lab.B, gone).Key);
        foreach (var agent in MeshLab.Agents)
        {
            lab.Eventually($"{gone} leaves the kernel of {agent}", () => MeshLab.KernelBackends(agent).SequenceEqual(left));
        }

        Assert_balanced(lab, left);

        // What is pinned works without the agent, and a new one adopts it.
        lab.KillAgent("node1");
        Assert_balanced(lab, left);
        lab.StartAgent("node1");

        lab.Unconfigure(lab.B);
        foreach (var agent in MeshLab.Agents)
        {
            lab.Eventually($"the backends of b leave the kernel of {agent}", () => MeshLab.KernelBackends(agent).SequenceEqual(lab.C.Backends));
        }

        lab.Eventually("b is no longer listed", () => lab.ClusterStatus(lab.B) is null && lab.IsReady(lab.C));
        Assert_balanced(lab, lab.C.Backends);

        lab.Put(lab.B, CiliumValues.Service(lab.B, lab.B.Backends));
        lab.Configure(lab.B);
        foreach (var agent in MeshLab.Agents)
        {
            lab.Eventually($"the backends of b are back in {agent}", () => MeshLab.KernelBackends(agent).SequenceEqual(all));
        }

        Assert_balanced(lab, all);
    }

    private static void Assert_one_connection_and_one_watch_stream_each(MeshLab lab)
    {
        foreach (var cluster in new[] { lab.A, lab.B, lab.C })
        {
            Assert.Equal(1, lab.DaemonConnections(cluster));
            Assert.Equal(1, lab.Metric(cluster, "etcd_debugging_mvcc_watch_stream_total"));
            Assert.InRange(lab.Metric(cluster, "etcd_debugging_mvcc_watcher_total"), 1, 4);
        }
    }

    /// <summary>Every connection from every node is answered, by these backends only, and by each of them.</summary>
    private static void Assert_balanced(MeshLab lab, IReadOnlyList<string> backends)
    {
        foreach (var agent in MeshLab.Agents)
        {
            var answers = lab.Connect(agent, lab.A.Vip, Connections);
            Assert.Equal(Connections, answers.Values.Sum());
            Assert.Equal(backends.Order(StringComparer.Ordinal), answers.Keys.Order(StringComparer.Ordinal));

            // 200 throws on at most 4 backends: fewer than 10 on one of them is less likely than 1e-9.
            Assert.All(answers, answer => Assert.InRange(answer.Value, 10, Connections));
        }
    }
}
