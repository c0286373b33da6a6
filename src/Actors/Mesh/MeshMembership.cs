using System.Diagnostics.CodeAnalysis;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Mesh;

/// <summary>
/// Which clusters there are, and what a command means for one of them: Cilium's rules for a cluster that is configured again while its
/// removal is under way. Pure; owned by the <see cref="ClusterMeshActor"/>, and outlives it.
/// </summary>
/// <param name="create">Makes a member that starts with nothing.</param>
internal sealed class MeshMembership(Func<SourceDefinition, MeshMember> create)
{
    private readonly Dictionary<ClusterName, MeshMember> _members = [];

    public IReadOnlyCollection<MeshMember> Members => _members.Values;

    public bool TryGet(ClusterName cluster, [NotNullWhen(true)] out MeshMember? member) => _members.TryGetValue(cluster, out member);

    public MembershipStep Configure(SourceDefinition definition)
    {
        if (!_members.TryGetValue(definition.Cluster, out var member))
        {
            _members[definition.Cluster] = create(definition);
            return MembershipStep.Start;
        }

        if (member.IsDraining)
        {
            member.Delayed = definition;
            return MembershipStep.Delay;
        }

        member.Definition = definition;
        return member.IsRunning ? MembershipStep.Reconfigure : MembershipStep.None;
    }

    public MembershipStep Remove(ClusterName cluster)
    {
        if (!_members.TryGetValue(cluster, out var member))
        {
            return MembershipStep.None;
        }

        if (member.IsDraining)
        {
            var delayed = member.Delayed is not null;
            member.Delayed = null;
            return delayed ? MembershipStep.CancelDelayed : MembershipStep.None;
        }

        member.IsDraining = true;
        // Without an actor there is nobody to drain it: one is started, for that only.
        return member.IsRunning ? MembershipStep.Drain : MembershipStep.Start;
    }

    /// <summary>The member's actor has ended.</summary>
    public MembershipStep Ended(MeshMember member)
    {
        member.IsRunning = false;
        if (!member.IsDrained)
        {
            return MembershipStep.Restart;
        }

        _members.Remove(member.Definition.Cluster);
        if (member.Delayed is not { } delayed)
        {
            return MembershipStep.Forget;
        }

        _members[delayed.Cluster] = create(delayed);
        return MembershipStep.Replay;
    }
}
