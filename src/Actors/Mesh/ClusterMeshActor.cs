using System.Collections.Immutable;
using Akka.Actor;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Sinks;
using KvStoreMesh.Core.Clusters;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Mesh;

/// <summary>
/// One child for each remote cluster, named by it; commands go to the child, its statuses to the
/// <see cref="MeshStatusBoard"/>.
/// </summary>
/// <remarks>
/// A child's crash is a bug. The next child gets the same <see cref="RemoteClusterHandover"/>, and the cache keeps what it
/// holds. <see cref="MeshMembership"/> outlives this actor: should it be restarted, it starts a child for every member again.
/// </remarks>
internal sealed partial class ClusterMeshActor : ReceiveActor, IWithTimers, IWithStash
{
    private readonly MeshMembership _membership;
    private readonly MeshStatusBoard _board;
    private readonly EtcdSink? _sink;
    private readonly RemoteClusterPorts _ports;
    private readonly ILogger _logger;

    public ClusterMeshActor(
        MeshMembership membership, MeshStatusBoard board, EtcdSink? sink, RemoteClusterPorts ports, ILogger<ClusterMeshActor> logger)
    {
        (_membership, _board, _sink, _ports, _logger) = (membership, board, sink, ports, logger);
        Become(Running);
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    public IStash Stash { get; set; } = null!;

    public static Props Props(
        MeshMembership membership, MeshStatusBoard board, EtcdSink? sink, RemoteClusterPorts ports, ILogger<ClusterMeshActor> logger) =>
        Akka.Actor.Props.Create(() => new ClusterMeshActor(membership, board, sink, ports, logger));

    protected override void PreStart()
    {
        foreach (var member in _membership.Members)
        {
            Start(member.Definition.Cluster);
        }

        AwaitStoredState();
    }

    protected override SupervisorStrategy SupervisorStrategy() => new CrashStrategy(
        (child, error) => OnCrash(ClusterName.Parse(child.Path.Name), error));

    private void Running()
    {
        WithdrawingUnconfigured();
        Receive<ConfigureCluster>(command => Act(_membership.Configure(command.Definition), command.Definition.Cluster));
        Receive<RemoveCluster>(command => Act(_membership.Remove(command.Cluster), command.Cluster));
        Receive<RemoteClusterDrained>(message => Member(message.Cluster).IsDrained = true);
        Receive<RemoteClusterStatus>(status =>
        {
            Publish(_board.Current.SetItem(status.Definition.Cluster, status));
            _sink?.StatusChanged(status);
        });
        Receive<ChildEnded>(ended => Act(_membership.Ended(Member(ended.Cluster)), ended.Cluster));
        Receive<StartChild>(start => Start(start.Cluster));
    }

    private void Act(MembershipStep step, ClusterName cluster)
    {
        switch (step)
        {
            case MembershipStep.Start:
                Start(cluster);
                break;
            case MembershipStep.Reconfigure:
                Context.Child(cluster.Value).Tell(new ConfigureCluster(Member(cluster).Definition));
                break;
            case MembershipStep.Delay:
                _logger.ConfigurationDelayed(cluster);
                break;
            case MembershipStep.CancelDelayed:
                _logger.DelayedConfigurationDropped(cluster);
                break;
            case MembershipStep.Drain:
                Context.Child(cluster.Value).Tell(DrainRemoteCluster.Instance);
                break;
            case MembershipStep.Forget:
                Publish(_board.Current.Remove(cluster));
                break;
            case MembershipStep.Replay:
                _logger.ConfigurationReplayed(cluster);
                Start(cluster);
                break;
            case MembershipStep.Restart:
                ScheduleRestart(cluster);
                break;
            case MembershipStep.None:
                break;
        }
    }

    private void Start(ClusterName cluster)
    {
        Timers.Cancel(cluster);
        var member = Member(cluster);
        member.Restarts.Succeeded(_ports.Time.GetUtcNow());
        member.IsRunning = true;
        member.Handover.Stored = TakeStored(cluster, member.IsDraining);
        var child = Context.ActorOf(RemoteClusterActor.Props(member.Definition, member.Handover, _ports), cluster.Value);
        Context.WatchWith(child, new ChildEnded(cluster));
        if (member.IsDraining)
        {
            child.Tell(DrainRemoteCluster.Instance);
        }
        else
        {
            // Here, not when the command comes: while a former incarnation drains, its removal is still to be told.
            _sink?.Configured(member.Definition);
        }
    }

    private void OnCrash(ClusterName cluster, Exception error)
    {
        // Only noted: statuses that the child sent before its crash are still in the mailbox, and come before its end.
        Member(cluster).Crash = error.Message;
        _logger.Crashed(error, cluster);
    }

    private void ScheduleRestart(ClusterName cluster)
    {
        var now = _ports.Time.GetUtcNow();
        var member = Member(cluster);
        var delay = member.Restarts.Failed(now);
        Timers.StartSingleTimer(cluster, new StartChild(cluster), delay);
        if (_board.Current.TryGetValue(cluster, out var last))
        {
            Publish(_board.Current.SetItem(cluster, last with
            {
                Phase = member.IsDraining ? RemoteClusterPhase.Draining : RemoteClusterPhase.BackingOff,
                Endpoint = null,
                EtcdClusterId = null,
                Watches = 0,
                LastError = $"internal error, see the log: {member.Crash}",
                LastErrorPhase = null,
                LastFailure = now,
                NextAttempt = now + delay,
            }));
        }
    }

    private void Publish(ImmutableSortedDictionary<ClusterName, RemoteClusterStatus> statuses) => _board.Publish(statuses);

    private MeshMember Member(ClusterName cluster) => _membership.TryGet(cluster, out var member)
        ? member
        : throw new InvalidOperationException($"cluster {cluster} is not a member of the mesh");

    private sealed record ChildEnded(ClusterName Cluster);

    private sealed record StartChild(ClusterName Cluster);
}
