using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd;
using KvStoreMesh.Etcd.Configuration;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.Commands;
using KvStoreMesh.Replicator.StatusApi;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>Walks every cluster of a directory through each step that the daemon takes, without one, and with it if it runs.</summary>
internal sealed class Troubleshooter(TroubleshootOptions options, TimeProvider time)
{
    /// <summary>Where Cilium mounts its clusters' configurations.</summary>
    public const string DefaultDirectory = "/var/lib/cilium/clustermesh";

    private readonly EtcdSourceConnector _connector = new(
        new EtcdSourceOptions { AnswerTimeout = options.Timeout, PageTimeout = TimeSpan.FromSeconds(30) },
        time,
        new Random(),
        NullLogger<EtcdSourceConnector>.Instance);

    /// <summary>Looks at everything.</summary>
    public async Task<TroubleshootReport> RunAsync(CancellationToken cancellationToken)
    {
        var mesh = new List<Finding>();
        var status = await DaemonAsync(mesh, cancellationToken);
        var directory = options.Directory ?? status?.Configuration.Directory ?? DefaultDirectory;
        ClusterName? local = ClusterName.TryParse(options.LocalCluster ?? status?.Cluster, out var name, out _) ? name : null;

        var reports = new List<ClusterReport>();
        var facts = new List<ClusterFacts>();
        foreach (var file in Files(directory, mesh).Where(file => options.Only.Count == 0 || options.Only.Contains(file.Name)))
        {
            await ClusterAsync(file, file.Name, local, SourceRole.Remote, status, reports, facts, cancellationToken);
        }

        if (options.LocalState is { } path && local is { } own && ConfigFiles.Read(path, EtcdClientConfig.MaxLength) is { } localFile)
        {
            await ClusterAsync(localFile, own.Value, null, SourceRole.Local, status, reports, facts, cancellationToken);
        }

        mesh.AddRange(options.Only.Except(reports.Select(report => report.Cluster)).Select(
            missing => Finding.Error("configuration", $"there is no configuration of {missing} in {directory}", "its file must be called like the cluster")));
        mesh.AddRange(MeshChecks.Ids(facts, local, options.LocalClusterId));
        mesh.AddRange(MeshChecks.PodCidrs(facts));
        if (status is not null)
        {
            mesh.AddRange(MeshChecks.Agents(status));
        }

        return new TroubleshootReport(directory, [.. reports.OrderBy(report => report.Cluster, StringComparer.Ordinal)], mesh);
    }

    private async Task<StatusModel?> DaemonAsync(List<Finding> mesh, CancellationToken cancellationToken)
    {
        using var client = new DaemonClient(options.Daemon);
        try
        {
            return await client.StatusAsync(cancellationToken);
        }
        catch (DaemonException)
        {
            mesh.Add(Finding.Note("lag", $"no daemon answers at {options.Daemon}: lag and subscribers are not looked at"));
            return null;
        }
    }

    private static List<ConfigFileReading> Files(string directory, List<Finding> mesh)
    {
        if (ConfigFiles.ReadDirectory(directory, EtcdClientConfig.MaxLength, out var failure) is not { } files)
        {
            mesh.Add(Finding.Error("configuration", $"{failure!.File}: {failure.Text}", "give the right one with --clustermesh-config"));
            return [];
        }

        var clusters = files.Where(file => !file.IsPem).ToList();
        if (clusters.Count == 0)
        {
            mesh.Add(Finding.Warning("configuration", $"{directory} holds no cluster", "put one etcd client configuration per remote cluster there, named after it"));
        }

        return clusters;
    }

    private async Task ClusterAsync(
        ConfigFileReading file,
        string name,
        ClusterName? local,
        SourceRole role,
        StatusModel? status,
        List<ClusterReport> reports,
        List<ClusterFacts> facts,
        CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        reports.Add(new ClusterReport(name, file.Path, findings));
        if (!ClusterName.TryParse(name, out var cluster, out var rule))
        {
            findings.Add(Finding.Error("configuration", $"'{name}' cannot name a cluster: {rule}", "rename the file"));
            return;
        }

        if (cluster == local)
        {
            findings.Add(Finding.Note("configuration", "this entry corresponds to the local cluster"));
            return;
        }

        var about = new ClusterFacts { Cluster = cluster };
        facts.Add(about);
        if (Parse(file, findings) is not { } config)
        {
            return;
        }

        var probe = new EndpointProbe(config, options.Timeout, time);
        foreach (var endpoint in config.Endpoints)
        {
            await probe.LookAsync(endpoint, findings, cancellationToken);
        }

        await EtcdAsync(new SourceDefinition(cluster, role, file.Path, file.Text!), about, findings, cancellationToken);
        if (status is not null)
        {
            findings.AddRange(MeshChecks.Daemon(status, about));
        }
    }

    private static EtcdClientConfig? Parse(ConfigFileReading file, List<Finding> findings)
    {
        if (!file.IsConfig)
        {
            findings.Add(Finding.Error("configuration", file.Failure ?? $"it has no '{ConfigFileReading.Marker}'", "list the URLs of the cluster's etcd there"));
            return null;
        }

        try
        {
            var config = EtcdClientConfig.Parse(file.Path, file.Text);
            findings.Add(Finding.Fine("configuration", $"{string.Join(", ", config.Endpoints)}{(config.Username is { } user ? $", as user {user}" : "")}"));
            return config;
        }
        catch (SourceException failure)
        {
            findings.Add(Finding.Error("configuration", failure.Message));
            return null;
        }
    }

    private async Task EtcdAsync(SourceDefinition definition, ClusterFacts facts, List<Finding> findings, CancellationToken cancellationToken)
    {
        try
        {
            await using var etcd = await _connector.ConnectAsync(definition, cancellationToken);
            findings.Add(Finding.Fine("auth", $"{etcd.Endpoint} answers as an etcd, cluster ID {etcd.EtcdClusterId:x}"));
            await new ContentProbe(etcd, facts, time).LookAsync(findings, cancellationToken);
        }
        catch (SourceException failure)
        {
            // The steps before have said it already, each endpoint by itself.
            if (failure.Phase is SourcePhase.Auth or SourcePhase.Protocol || findings.TrueForAll(finding => finding.Severity != Severity.Error))
            {
                findings.Add(Finding.Error(failure.Phase == SourcePhase.Auth ? "auth" : "etcd", failure.Message));
            }
        }
    }
}
