using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Desired;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.Policy;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Timing;

namespace KvStoreMesh.NodeAgent.Agent;

/// <summary>The part of policy in the agent's rounds: when it is written, when what an earlier run left may go, when programs are looked after.</summary>
internal sealed class PolicyRounds(PolicyEnforcer enforcer, IpCacheReconciler ipCache, Alarm attach, TimeSpan attachInterval)
{
    /// <summary>The policies and endpoints.</summary>
    public PolicyEnforcer Enforcer => enforcer;

    /// <summary>Until <see cref="Tick"/> has something to do; null: nothing.</summary>
    public TimeSpan? Remaining => attach.Remaining;

    /// <summary>Works out what changed and adds what is missing; returns null, or what failed.</summary>
    public string? Put(MeshReplica replica, DesiredState desired)
    {
        string? error = null;
        try
        {
            enforcer.Update();
        }
        catch (IOException failure)
        {
            error = failure.Message;
        }

        Release(replica, desired);
        return enforcer.Put() ?? error;
    }

    /// <summary>Deletes what is not wanted; returns null, or what failed.</summary>
    public string? Delete() => enforcer.Delete();

    /// <summary>Puts the programs on endpoints that lack them, and looks again later.</summary>
    public void Attach()
    {
        enforcer.Attach();
        if (enforcer.Endpoints.Count > 0)
        {
            attach.Set(attachInterval);
        }
        else
        {
            attach.Clear();
        }
    }

    /// <summary>Does what has become due.</summary>
    public void Tick()
    {
        if (attach.IsDue)
        {
            Attach();
        }
    }

    /// <summary>
    /// Entries of an earlier run stay until their identity's cluster has told all its identities; those of this node's own and reserved
    /// identities only until the policies are known.
    /// </summary>
    private void Release(MeshReplica replica, DesiredState desired)
    {
        if (!enforcer.IsWhole)
        {
            return;
        }

        ipCache.ReleaseRetained(entry => SecurityIdentity.IsLocal(entry.Identity));
        List<IdentityRange> complete = [];
        foreach (var cluster in replica.Clusters.Where(cluster => cluster.IsAnnounced && cluster.Synced.Contains(ResourceKind.Identities)))
        {
            var standing = desired.StandingOf(cluster.Name);
            if (standing.IsUsable && IdentityRange.TryCreate(standing.Id, standing.MaxConnectedClusters, out var range, out _))
            {
                complete.Add(range);
            }
        }

        var all = SyncGate.AllTold(replica, ResourceKind.Identities);
        enforcer.Release(id => all || NumericIdentity.IsReserved(id) || SecurityIdentity.IsLocal(id) || complete.Exists(range => range.Contains(id)));
    }
}
