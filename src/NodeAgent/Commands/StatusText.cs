using System.Globalization;
using System.Text;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>Status as a person reads it, in the manner of <c>cilium-dbg status</c>.</summary>
internal static class StatusText
{
    public static string Render(AgentStatus status, bool verbose)
    {
        var text = new StringBuilder();
        Line("Node:", $"{status.NodeName} (cluster {status.LocalCluster ?? "not known"})");
        Line("Daemon:", Daemon(status.Subscription));
        if (status.Subscription?.LastError is { } lastError && (verbose || status.Subscription.State != "connected"))
        {
            Line(string.Empty, $"last error: {lastError}");
        }

        var datapath = status.Datapath;
        Line("Datapath:", datapath.Error is null ? $"OK, {datapath.Description}" : $"FAILING, {datapath.Description}");
        if (datapath.Error is { } error)
        {
            Line(string.Empty, $"{datapath.Pending} pending after {datapath.Failures} failures: {error}");
        }
        else if (verbose && datapath.LastError is { } recovered)
        {
            Line(string.Empty, $"recovered from: {recovered}");
        }

        if (datapath.RetainedServices + datapath.RetainedRows > 0)
        {
            Line(string.Empty, $"waiting for clusters: {datapath.RetainedServices} services and {datapath.RetainedRows} ipcache rows adopted and not named yet");
        }

        if (verbose)
        {
            foreach (var map in datapath.Maps)
            {
                Line(string.Empty, string.Create(
                    CultureInfo.InvariantCulture, $"{map.Name}: {map.Entries}/{map.MaxEntries} ({100.0 * map.Entries / map.MaxEntries:0.0} %)"));
            }
        }

        Line("Services:", Services(status));
        foreach (var contested in status.ManifestProblems.Concat(status.ContestedFrontends))
        {
            Line(string.Empty, contested);
        }

        if (status.Policy is { } policy)
        {
            Line("Policy:", PolicyText.Summary(policy));
            foreach (var problem in PolicyText.Problems(policy))
            {
                Line(string.Empty, problem);
            }
        }

        Line("ClusterMesh:", $"{status.Clusters.Count(cluster => cluster.Ready)}/{status.Clusters.Count} clusters ready{(status.Subscription is { IsConnected: false } ? ", as last told" : string.Empty)}");
        foreach (var cluster in status.Clusters)
        {
            AppendCluster(text, cluster, verbose);
        }

        return text.ToString();

        void Line(string title, string content) => text.Append(title.PadRight(16)).Append(content).Append('\n');
    }

    private static string Daemon(SubscriptionStatus? subscription) => subscription switch
    {
        null => "not known",
        { IsConnected: true } => string.Create(
            CultureInfo.InvariantCulture,
            $"{subscription.Server} connected, session {subscription.Session}, seq {subscription.AppliedSeq} applied in {subscription.ApplyMs} ms, last frame {Ago(subscription.SilentMs)}"),
        _ => $"{subscription.Server} {subscription.State}, {subscription.Failures} failures, last frame {Ago(subscription.SilentMs)}",
    };

    private static string Services(AgentStatus status)
    {
        var text = $"{status.Frontends} frontends, {status.GlobalServices} global services";
        return text + (status.IpCacheConflicts > 0 ? $"; {status.IpCacheConflicts} prefixes with several owners" : string.Empty);
    }

    private static void AppendCluster(StringBuilder text, ClusterStatus cluster, bool verbose)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"   {cluster.Name}: {(cluster.Ready ? "ready" : "not-ready")}, {cluster.State} ({Seconds(cluster.AgeMs)}), {cluster.Nodes} nodes, {cluster.Endpoints} endpoints, {cluster.Identities} identities, {cluster.Services} services\n");
        if (cluster.Problem is { } problem)
        {
            text.Append(CultureInfo.InvariantCulture, $"   └  not used: {problem}\n");
        }

        if (cluster.Invalid > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"   └  {cluster.Invalid} values refused, the last: {cluster.LastInvalid}\n");
        }

        if (verbose)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"   └  cluster-id={cluster.Id}, revision={cluster.Revision}, keys={cluster.Keys}, synced: {(cluster.Synced.Count == 0 ? "nothing" : string.Join(", ", cluster.Synced))}\n");
        }
    }

    private static string Ago(double? milliseconds) => milliseconds is { } ms ? $"{Seconds(ms)} ago" : "never";

    private static string Seconds(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0}s");
}
