using Akka.Actor;
using KvStoreMesh.Actors.Caching;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.Mesh;

/// <content>
/// What an earlier run left: the clusters start when it has been read, which is awaited for a limited time, and those that were removed
/// while nobody looked are withdrawn.
/// </content>
internal sealed partial class ClusterMeshActor
{
    private const string RestoreTimer = "restore";

    private readonly HashSet<ClusterName> _known = [];
    private readonly HashSet<ClusterName> _withdrawn = [];
    private Dictionary<ClusterName, StoredCluster> _stored = [];
    private IReadOnlySet<ClusterName>? _present;

    private void AwaitStoredState()
    {
        if (_ports.State is { IsAwaited: true } state)
        {
            Timers.StartSingleTimer(RestoreTimer, RestoreTimedOut.Instance, state.Options.RestoreTimeout);
            Become(Restoring);
        }
    }

    private void Restoring()
    {
        Receive<StateRestored>(restored =>
        {
            Timers.Cancel(RestoreTimer);
            _stored = restored.Clusters.ToDictionary();
            Run();
        });
        Receive<RestoreTimedOut>(_ =>
        {
            var state = _ports.State!;
            state.Logger.RestoreTimedOut(state.Connector.Location, state.Options.RestoreTimeout.TotalSeconds);
            Run();
        });
        ReceiveAny(_ => Stash.Stash());
    }

    private void Run()
    {
        _ports.State!.IsAwaited = false;
        Become(Running);
        Stash.UnstashAll();
    }

    private void WithdrawingUnconfigured()
    {
        // Too late, or of a store that was opened again: the clusters have begun without it.
        Receive<StateRestored>(_ => { });
        Receive<ConfigurationRead>(read =>
        {
            _present = read.Present;

            // What nobody wants any more must not be kept in memory, nor be believed when its name is used again.
            _stored = _stored.Where(stored => read.Present.Contains(stored.Key)).ToDictionary();
            WithdrawUnconfigured();
        });
        Receive<KnownClusters>(known =>
        {
            _known.UnionWith(known.Clusters);
            WithdrawUnconfigured();
        });
        Receive<ClusterForgotten>(_ => { });
        Receive<CacheFailed>(_ => { });
    }

    private void WithdrawUnconfigured()
    {
        if (_present is null)
        {
            return;
        }

        foreach (var cluster in _known.Where(cluster => !_present.Contains(cluster) && !_membership.TryGet(cluster, out _)))
        {
            // The store and the journal may both have known it.
            if (_withdrawn.Add(cluster))
            {
                _ports.State!.Logger.RemovedMeanwhile(cluster);
                _ports.Cache.Tell(new ForgetCluster(cluster));
            }
        }

        _known.Clear();
    }

    private StoredCluster? TakeStored(ClusterName cluster, bool draining) =>
        _stored.Remove(cluster, out var stored) && !draining ? stored : null;

    private sealed class RestoreTimedOut
    {
        public static readonly RestoreTimedOut Instance = new();
    }
}
