using System.Globalization;
using System.Text;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Replicator.Options;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.Commands;

/// <summary>The text of <c>kvstoremesh status</c>: Cilium's <c>kvstoremesh-dbg status</c>, then what only this daemon has. Pure.</summary>
internal static class StatusText
{
    /// <summary>All of it.</summary>
    public static string Of(StatusModel status, bool verbose, DateTimeOffset now) =>
        Clusters(status.RemoteClusters, verbose, now) + Ours(status.Configuration, status.Subscribers, verbose, now);

    /// <summary>The clusters, line by line as Cilium writes them.</summary>
    public static string Clusters(IReadOnlyList<RemoteClusterModel> clusters, bool verbose, DateTimeOffset now)
    {
        var text = new StringBuilder();
        Line(text, $"KVStoreMesh:\t{clusters.Count(cluster => cluster.Ready)}/{clusters.Count} remote clusters ready");
        foreach (var cluster in clusters)
        {
            Cluster(text, cluster, verbose, now);
        }

        return text.ToString();
    }

    /// <summary>The local cluster, the problems of the configuration and the subscribers.</summary>
    public static string Ours(
        ConfigurationModel configuration, IReadOnlyList<SubscriberModel> subscribers, bool verbose, DateTimeOffset now)
    {
        var text = new StringBuilder();
        if (configuration.LocalCluster is { } local)
        {
            Line(text, $"Local cluster:\t{(local.Ready ? "ready" : "not ready")}");
            Cluster(text, local, verbose, now);
        }

        if (configuration.EtcdSink is { } sink)
        {
            Sink(text, sink);
        }

        if (configuration.State is { } stored)
        {
            State(text, stored, now);
        }

        if (configuration.Problems.Count > 0)
        {
            Line(text, $"Configuration:\t{Count(configuration.Problems.Count, "problem")}");
            foreach (var problem in configuration.Problems)
            {
                Line(text, $"   {problem.File}: {problem.Text}");
            }
        }

        var current = subscribers.Count(subscriber => subscriber.Following && subscriber.Behind == 0);
        Line(text, $"Subscribers:\t{subscribers.Count}, {current} up to date");
        foreach (var subscriber in subscribers.Where(subscriber => verbose || subscriber.Behind > 0 || subscriber.Nacks > 0))
        {
            var state = !subscriber.Following ? "loading snapshots" : subscriber.Behind == 0 ? "up to date" : $"{subscriber.Behind} behind";
            Line(text, $"   {subscriber.Node}: {state}, {subscriber.UnackedBytes} bytes unacknowledged, "
                + $"{Count(subscriber.Resyncs, "resync")}, connected {GoDuration.Format(now - subscriber.Since)} ago from {subscriber.Peer}");
            if (subscriber.LastNack is not null)
            {
                Line(text, $"   └  could not apply {Count(subscriber.Nacks, "record")}, last: {subscriber.LastNack}");
            }
        }

        return text.ToString();
    }

    private static void Sink(StringBuilder text, EtcdSinkModel sink)
    {
        Line(text, $"Local etcd:\t{(sink.Connected ? $"connected to {sink.Endpoint}" : "not connected")}, {Role(sink)}"
            + $"{sink.Clusters.Count(cluster => cluster.Complete)}/{sink.Clusters.Count} clusters mirrored, {sink.Written} keys written, "
            + $"{sink.PendingKeys} waiting, {Count(sink.Leases, "lease")}");
        if (!sink.Connected && sink.LastError is not null)
        {
            Line(text, $"   └  {sink.LastError}");
        }

        foreach (var cluster in sink.Clusters.Where(cluster => cluster.Problem is not null || cluster.Phase == nameof(SinkClusterPhase.Draining)))
        {
            Line(text, $"   {cluster.Name}: {cluster.Problem ?? "being removed"}");
        }
    }

    private static void State(StringBuilder text, StateModel state, DateTimeOffset now)
    {
        var age = state.OldestProof is { } proof ? $", at most {GoDuration.Format(now - proof)} old" : "";
        Line(text, $"State:	{Count(state.Clusters, "cluster")} in {state.Location}, {state.Bytes >> 10} KiB{age}, {state.PendingKeys} keys waiting");
        if (state.Problem is not null)
        {
            var since = state.BehindSince is { } behind ? $" for {GoDuration.Format(now - behind)}" : "";
            Line(text, $"   └  not stored{since}: {state.Problem}");
        }
    }

    private static string Role(EtcdSinkModel sink) =>
        sink.IsLeader ? string.Empty : sink.Leader is null ? "standing by, " : $"standing by ({sink.Leader} leads), ";

    private static void Cluster(StringBuilder text, RemoteClusterModel cluster, bool verbose, DateTimeOffset now)
    {
        var last = cluster.Failures == 0 ? "never" : $"{GoDuration.Format(now - cluster.LastFailure)} ago";
        Line(text, $"   {cluster.Name}: {(cluster.Ready ? "ready" : "not-ready")}, {cluster.Nodes} nodes, {cluster.Endpoints} endpoints, "
            + $"{cluster.Identities} identities, {cluster.SharedServices} services, {cluster.EndpointSlices} endpoint slices, "
            + $"{cluster.ServiceExports} MCS-API service exports, {cluster.Failures} reconnections (last: {last})");
        if (verbose || !cluster.Ready || cluster.Status?.Contains(RemoteClusterView.ConfigProblemMark, StringComparison.Ordinal) == true)
        {
            Line(text, $"   └  {cluster.Status}");
            Line(text, $"   └  remote configuration: {Config(cluster.Config)}");
            Line(text, $"   └  synchronization status: {Synced(cluster.Synced ?? new RemoteClusterSyncedModel())}");
        }
    }

    private static string Config(RemoteClusterConfigModel? config)
    {
        if (config is null)
        {
            return "expected=unknown, retrieved=unknown";
        }

        var text = $"expected={Bool(config.Required)}, retrieved={Bool(config.Retrieved)}";
        if (!config.Retrieved)
        {
            return text;
        }

        var exports = config.ServiceExportsEnabled switch { null => "unsupported", true => "enabled", false => "disabled" };
        var mode = string.IsNullOrEmpty(config.EndpointSlicesExportMode) ? "services-only" : config.EndpointSlicesExportMode;
        return $"{text}, cluster-id={config.ClusterId}, kvstoremesh={Bool(config.KvStoreMesh)}, sync-canaries={Bool(config.SyncCanaries)}, "
            + $"service-exports={exports}, endpoint-slice-export-mode={mode}";
    }

    private static string Synced(RemoteClusterSyncedModel synced)
    {
        var text = $"nodes={Bool(synced.Nodes)}, endpoints={Bool(synced.Endpoints)}, identities={Bool(synced.Identities)}, "
            + $"services={Bool(synced.Services)}";
        text += synced.EndpointSlices is { } slices ? $", endpoint-slices={Bool(slices)}" : "";
        return text + (synced.ServiceExports is { } exports ? $", service-exports={Bool(exports)}" : "");
    }

    private static string Bool(bool value) => value ? "true" : "false";

    private static string Count(long count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    private static void Line(StringBuilder text, string line) => text.Append(CultureInfo.InvariantCulture, $"{line}\n");
}
