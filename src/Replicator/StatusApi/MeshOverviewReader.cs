using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.ClusterConfigs;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>Joins status, board and cache to an overview. Any thread.</summary>
internal sealed class MeshOverviewReader(
    MeshStatus status, MeshStatusBoard board, MeshCache cache, ClusterConfigOptions options, TimeProvider time)
{
    /// <summary>The overview as of now.</summary>
    /// <param name="before">An earlier one, for the rates; null if there is none.</param>
    public MeshOverview Read(MeshOverview? before)
    {
        var now = time.GetUtcNow();
        var seconds = before is null ? 0 : (now - before.Taken).TotalSeconds;
        var revisions = before?.Sources.ToLookup(source => source.Name, source => source.Revision);
        var acked = before?.Agents.ToLookup(agent => agent.Model.Session, agent => agent.Model.AckedSeq);
        var keys = cache.Clusters.ToDictionary(view => view.Cluster, view => view.Keys);
        var statuses = board.Current;
        var configuration = status.Configuration();

        var sources = status.Clusters().Select(model => Row(model, isLocal: false)).ToList();
        if (configuration.LocalCluster is { } local)
        {
            sources.Insert(0, Row(local, isLocal: true));
        }

        var agents = status.Subscribers()
            .Select(model => new AgentRow(model, Rate(model.AckedSeq, acked?[model.Session].Cast<long?>().FirstOrDefault(), seconds))).ToList();
        var counts = new ConnectionCounts(
            sources.Count, statuses.Values.Count(source => source.EtcdClusterId is not null), statuses.Values.Sum(source => source.Watches), agents.Count);
        return new MeshOverview(options.LocalCluster.Value, now, sources, agents, counts, configuration);

        SourceRow Row(RemoteClusterModel model, bool isLocal)
        {
            var known = ClusterName.TryParse(model.Name, out var name, out _) ? statuses.GetValueOrDefault(name) : null;
            if (known is null)
            {
                return new SourceRow(model, isLocal, SourceFreshness.Misconfigured, null, model.Status, null, 0, null, null);
            }

            var revision = known.Position?.Revision;
            return new SourceRow(
                model,
                isLocal,
                FreshnessOf(known),
                known.Phase.ToString(),
                ProblemOf(model, known),
                known.LastProof is { } proof ? now - proof : null,
                keys.GetValueOrDefault(known.Definition.Cluster),
                revision,
                Rate(revision, revisions?[model.Name!].FirstOrDefault(), seconds));
        }
    }

    /// <summary>The colour of a source. Pure.</summary>
    public static SourceFreshness FreshnessOf(RemoteClusterStatus status) => status.Phase switch
    {
        RemoteClusterPhase.Draining => SourceFreshness.Draining,
        RemoteClusterPhase.Watching when status.IsReady => SourceFreshness.Live,
        RemoteClusterPhase.Watching or RemoteClusterPhase.Listing => SourceFreshness.Syncing,
        _ when status.Position is not null => SourceFreshness.Stale,
        _ when status.LastErrorPhase == SourcePhase.Configuration => SourceFreshness.Misconfigured,
        _ => SourceFreshness.Connecting,
    };

    // A ready cluster's status text is the connection's, unless something follows it.
    private static string? ProblemOf(RemoteClusterModel model, RemoteClusterStatus status) =>
        status.IsReady && status.ConfigProblem is null && model.Status?.Contains("; ", StringComparison.Ordinal) != true ? null : model.Status;

    private static double? Rate(long? now, long? before, double seconds) =>
        now is { } current && before is { } earlier && seconds > 0 ? Math.Max(0, current - earlier) / seconds : null;
}
