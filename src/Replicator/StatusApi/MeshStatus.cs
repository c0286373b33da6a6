using System.Collections.Immutable;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Sinks;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>The daemon's state for people and scripts: one place that joins sources, configuration and subscribers.</summary>
internal sealed class MeshStatus(
    MeshStatusBoard board,
    ClusterConfigBoard configs,
    ClusterConfigOptions options,
    SubscriberRegistry subscribers,
    MeshCache cache,
    TimeProvider time,
    EtcdSink? sink = null,
    MeshState? state = null)
{
    /// <summary>The remote clusters, and files that should be one, by name; the local cluster is not among them, as in Cilium.</summary>
    public IReadOnlyList<RemoteClusterModel> Clusters()
    {
        var now = time.GetUtcNow();
        var problems = configs.Problems;
        var ids = ClusterIdProblems.Of(board.Current.Values, options.LocalCluster, options.LocalClusterId, options.MaxConnectedClusters);
        var remote = Sources(SourceRole.Remote)
            .Select(status => status.ConfigProblem is null && ids.TryGetValue(status.Definition.Cluster, out var id) ? status with { ConfigProblem = id } : status)
            .Select(status => RemoteClusterView.Of(status, ProblemOf(problems, status.Definition.ConfigPath), now)).ToList();
        var names = remote.Select(model => model.Name).ToHashSet();
        remote.AddRange(problems
            .Where(problem => problem.Cluster is not null && !names.Contains(problem.Cluster) && problem.File != options.LocalStateFile)
            .Select(problem => RemoteClusterView.OfProblem(problem.Cluster!, $"{problem.File}: {problem.Text}")));
        return [.. remote.OrderBy(model => model.Name, StringComparer.Ordinal)];
    }

    /// <summary>The configuration, and the local cluster as a source.</summary>
    public ConfigurationModel Configuration()
    {
        var problems = configs.Problems;
        var local = Sources(SourceRole.Local).Select(
            status => RemoteClusterView.Of(status, ProblemOf(problems, status.Definition.ConfigPath), time.GetUtcNow()));
        return new ConfigurationModel(
            options.Directory,
            problems,
            local.FirstOrDefault(),
            sink is null ? null : EtcdSinkModel.Of(sink.Status),
            state is null ? null : StateModel.Of(state.Status));
    }

    /// <summary>The connected node agents, by name.</summary>
    public IReadOnlyList<SubscriberModel> Subscribers()
    {
        var head = cache.Head;
        return [.. subscribers.Sessions.Select(session =>
        {
            var (terms, at) = (session.Subscription, session.Position);
            return new SubscriberModel(
                terms.Node,
                terms.Instance,
                session.Peer,
                session.Id,
                session.Since,
                at.IsFollowing,
                at.SentSeq,
                at.AckedSeq,
                Math.Max(0, head - at.AckedSeq),
                session.OldestUnacked.TotalSeconds,
                at.UnackedBytes,
                at.Resyncs,
                at.Nacks,
                session.LastNack);
        }).OrderBy(model => model.Node, StringComparer.Ordinal).ThenBy(model => model.Session)];
    }

    private IEnumerable<RemoteClusterStatus> Sources(SourceRole role) =>
        board.Current.Values.Where(status => status.Definition.Role == role);

    private static string? ProblemOf(ImmutableArray<ConfigurationProblem> problems, string file) =>
        problems.FirstOrDefault(problem => problem.File == file) is { } problem ? $"{problem.File}: {problem.Text}" : null;
}
