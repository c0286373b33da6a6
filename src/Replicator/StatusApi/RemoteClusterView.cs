using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>Turns a source's status into Cilium's form of it. Pure.</summary>
internal static class RemoteClusterView
{
    /// <summary>The model of one source.</summary>
    /// <param name="status">The source.</param>
    /// <param name="problem">What is wrong with its configuration file; null if nothing is.</param>
    /// <param name="now">For what lies ahead.</param>
    public static RemoteClusterModel Of(RemoteClusterStatus status, string? problem, DateTimeOffset now)
    {
        var text = Text(status, now);
        return new RemoteClusterModel
        {
            Name = status.Definition.Cluster.Value,
            Connected = IsConnected(status),
            Ready = status.IsReady,
            Status = problem is null ? text : $"{text}; {problem}",
            Config = Config(status),
            Synced = Synced(status),
            Failures = status.Failures,
            LastFailure = status.LastFailure ?? default,
            Nodes = status.Counts.GetValueOrDefault(ResourceKind.Nodes),
            Identities = status.Counts.GetValueOrDefault(ResourceKind.Identities),
            Endpoints = status.Counts.GetValueOrDefault(ResourceKind.Endpoints),
            SharedServices = status.Counts.GetValueOrDefault(ResourceKind.Services),
            EndpointSlices = status.Counts.GetValueOrDefault(ResourceKind.EndpointSlices),
            ServiceExports = status.Counts.GetValueOrDefault(ResourceKind.ServiceExports),
        };
    }

    /// <summary>The entry of a file that configures nothing, so that the operator finds it where he looks.</summary>
    public static RemoteClusterModel OfProblem(string name, string problem) => new() { Name = name, Status = problem };

    /// <summary>What stands in a status before the problem of a config, also of a cluster that is ready with its last one.</summary>
    public const string ConfigProblemMark = "; cluster configuration: ";

    private static bool IsConnected(RemoteClusterStatus status) =>
        status.Phase is RemoteClusterPhase.AwaitingConfig or RemoteClusterPhase.Listing or RemoteClusterPhase.Resuming
            or RemoteClusterPhase.Watching;

    // The text of a connection is Cilium's to the letter: people grep for it.
    private static string Text(RemoteClusterStatus status, DateTimeOffset now)
    {
        if (status.Phase == RemoteClusterPhase.Draining)
        {
            return "Removed by configuration: draining";
        }

        if (!IsConnected(status))
        {
            if (status.LastError is null)
            {
                return $"Waiting for initial connection to be established{Restored(status, now)}";
            }

            var retry = status.NextAttempt is { } next ? $"; next attempt in {Math.Max(0, (next - now).TotalSeconds):0.#}s" : "";
            return $"Err: {status.LastErrorPhase}: {status.LastError}{retry}{Restored(status, now)}";
        }

        var connected = "etcd: 1/1 connected, leases=0, lock leases=0, has-quorum=true: endpoint status checks are disabled, "
            + $"ID: {status.EtcdClusterId:x}";
        return (status.ConfigProblem is null ? connected : $"{connected}{ConfigProblemMark}{status.ConfigProblem}")
            + (status.Excess is null ? "" : $"; over quota: {status.Excess}") + Restored(status, now);
    }

    private static string Restored(RemoteClusterStatus status, DateTimeOffset now) => status is { IsRestored: true, LastProof: { } proof }
        ? $"; stale: served as last known {GoDuration.Format(now - proof)} ago, before the restart"
        : "";

    private static RemoteClusterConfigModel Config(RemoteClusterStatus status) => status.Config is not { } config
        ? new RemoteClusterConfigModel { Required = true }
        : new RemoteClusterConfigModel
        {
            Required = true,
            Retrieved = true,
            ClusterId = config.Id,
            KvStoreMesh = config.Capabilities.Cached,
            SyncCanaries = config.Capabilities.SyncedCanaries,
            ServiceExportsEnabled = config.Capabilities.ServiceExportsEnabled,
            EndpointSlicesExportMode = config.Capabilities.EndpointSlicesExportMode is { Length: > 0 } mode ? mode : null,
        };

    private static RemoteClusterSyncedModel Synced(RemoteClusterStatus status)
    {
        bool Has(ResourceKind kind) => status.Resources.Contains(kind);
        bool Is(ResourceKind kind) => status.Synced.Contains(kind);
        return new RemoteClusterSyncedModel
        {
            Nodes = Is(ResourceKind.Nodes),
            Endpoints = Is(ResourceKind.Endpoints),
            Identities = Is(ResourceKind.Identities),

            // As Cilium: what is not mirrored holds nothing up.
            Services = Is(ResourceKind.Services) || !Has(ResourceKind.Services),
            EndpointSlices = Has(ResourceKind.EndpointSlices) ? Is(ResourceKind.EndpointSlices) : null,
            ServiceExports = Has(ResourceKind.ServiceExports) ? Is(ResourceKind.ServiceExports) : null,
        };
    }
}
