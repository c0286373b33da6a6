using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>The counters and tables of the page. Pure. Complete without the script and the picture.</summary>
internal static class MeshTables
{
    /// <summary>So many agents are listed, those furthest behind first; a daemon may have thousands.</summary>
    public const int MaxAgents = 200;

    /// <summary>Adds the counters.</summary>
    public static void Counters(HtmlText html, MeshOverview overview)
    {
        var counts = overview.Connections;
        var remote = overview.Sources.Where(source => !source.IsLocal).ToList();
        var slowest = overview.Agents.Select(agent => agent.Model.OldestUnackedSeconds).DefaultIfEmpty().Max();
        html.Add($"""<dl class="figures" id="figures">""");
        Figure(html, "ready", "Remote clusters ready", $"{remote.Count(source => source.Model.Ready)} of {remote.Count}", "");
        Figure(html, "connections", "Connections, N + M", $"{counts.Here}", $"{counts.Connected} to etcds, {counts.Agents} to agents");
        Figure(html, "direct", "Without the daemon, N × M", $"{counts.Direct}", $"{counts.Agents} agents × {counts.Sources} etcds");
        Figure(html, "watches", "Watches at the etcds", $"{counts.Watches}", $"without the daemon about {counts.DirectWatches}");
        Figure(
            html,
            "agents",
            "Node agents up to date",
            $"{overview.Agents.Count(agent => agent.IsUpToDate)} of {overview.Agents.Count}",
            $"oldest change not applied: {DisplayText.Span(TimeSpan.FromSeconds(slowest))}");
        html.Add($"</dl>");
    }

    /// <summary>Adds what an operator has to look at; nothing if all is well.</summary>
    public static void Problems(HtmlText html, MeshOverview overview)
    {
        var problems = overview.Configuration.Problems.Where(problem => problem.Cluster is null).Select(problem => $"{problem.File}: {problem.Text}").ToList();
        problems.AddRange(overview.Sources.Where(source => source.Problem is not null).Select(source => $"{source.Name} is {DisplayText.Of(source.Freshness)}"));
        if (overview.Configuration.EtcdSink is { } sink)
        {
            if (!sink.Connected && sink.LastError is not null)
            {
                problems.Add($"local etcd: {sink.LastError}");
            }

            problems.AddRange(sink.Clusters.Where(cluster => cluster.Problem is not null).Select(cluster => $"local etcd, {cluster.Name}: {cluster.Problem}"));
        }

        if (problems.Count > 0)
        {
            html.Add($"""<section id="problems"><h2>To look at</h2><ul>""");
            foreach (var problem in problems)
            {
                html.Add($"<li>{problem}</li>");
            }

            html.Add($"</ul></section>");
        }
    }

    /// <summary>Adds the sources.</summary>
    public static void Sources(HtmlText html, MeshOverview overview)
    {
        html.Add($"""
            <section><h2 id="clusters-title">Clusters</h2><div class="scroll" role="region" aria-labelledby="clusters-title" tabindex="0"><table id="clusters">
            <thead><tr><th scope="col">Cluster</th><th scope="col">State</th><th scope="col">Phase</th><th scope="col">Last proof</th><th scope="col" class="n">Revisions/s</th>
            <th scope="col" class="n">Nodes</th><th scope="col" class="n">Endpoints</th><th scope="col" class="n">Identities</th><th scope="col" class="n">Services</th>
            <th scope="col" class="n">Keys</th><th scope="col" class="n">Failures</th></tr></thead><tbody>
            """);
        foreach (var source in overview.Sources)
        {
            var (model, state) = (source.Model, DisplayText.Of(source.Freshness));
            html.Add($"""<tr id="{Anchor.Of(source)}" data-cluster="{source.Name}" data-ready="{(model.Ready ? "true" : "false")}" class="{(source.Problem is null ? "" : "told")}">""");
            html.Add($"""<th scope="row">{source.Name}{(source.IsLocal ? " (local)" : "")}</th><td><span class="state {state}">{state}</span></td><td>{source.Phase ?? DisplayText.Unknown}</td>""");
            html.Add($"""<td>{(source.Age is { } age ? $"{DisplayText.Span(age)} ago" : "never")}</td><td class="n">{DisplayText.Rate(source.RevisionsPerSecond)}</td>""");
            html.Add($"""<td class="n" data-of="nodes">{model.Nodes}</td><td class="n" data-of="endpoints">{model.Endpoints}</td><td class="n" data-of="identities">{model.Identities}</td>""");
            html.Add($"""<td class="n" data-of="services">{model.SharedServices}</td><td class="n">{source.Keys}</td><td class="n" data-of="failures">{model.Failures}</td>""");
            html.Add($"</tr>");
            if (source.Problem is not null)
            {
                html.Add($"""<tr id="why-{Anchor.Of(source)}" class="reason"><td colspan="11"><div>{source.Problem}</div></td></tr>""");
            }
        }

        html.Add($"</tbody></table></div></section>");
    }

    /// <summary>Adds the agents.</summary>
    public static void Agents(HtmlText html, MeshOverview overview)
    {
        html.Add($"""
            <section><h2 id="agents-title">Node agents</h2><div class="scroll" role="region" aria-labelledby="agents-title" tabindex="0"><table id="agents-table">
            <thead><tr><th scope="col">Node</th><th scope="col">State</th><th scope="col" class="n">Behind</th><th scope="col">Oldest not applied</th><th scope="col" class="n">Records/s</th>
            <th scope="col" class="n">Unacked bytes</th><th scope="col" class="n">Resyncs</th><th scope="col">Connected for</th><th scope="col">From</th><th scope="col">Could not apply</th></tr></thead><tbody>
            """);
        foreach (var agent in overview.Agents.OrderByDescending(agent => agent.Model.Behind).ThenBy(agent => agent.Model.Node, StringComparer.Ordinal).Take(MaxAgents))
        {
            var model = agent.Model;
            var (state, word) = agent.IsUpToDate ? ("live", "up to date") : model.Following ? ("syncing", "behind") : ("syncing", "loading snapshots");
            html.Add($"""<tr id="{Anchor.Of(agent)}"><th scope="row">{model.Node}</th><td><span class="state {state}">{word}</span></td><td class="n">{model.Behind}</td>""");
            html.Add($"""<td>{DisplayText.Span(TimeSpan.FromSeconds(model.OldestUnackedSeconds))}</td><td class="n">{DisplayText.Rate(agent.RecordsPerSecond)}</td><td class="n">{model.UnackedBytes}</td>""");
            html.Add($"""<td class="n">{model.Resyncs}</td><td>{DisplayText.Span(overview.Taken - model.Since)}</td><td>{model.Peer}</td>""");
            html.Add($"""<td class="why">{(model.Nacks > 0 ? $"{model.Nacks}, last: {model.LastNack}" : DisplayText.Unknown)}</td></tr>""");
        }

        if (overview.Agents.Count == 0)
        {
            html.Add($"""<tr><td colspan="10">No node agent is connected.</td></tr>""");
        }

        html.Add($"</tbody></table></div>");
        if (overview.Agents.Count > MaxAgents)
        {
            html.Add($"<p>The {MaxAgents} furthest behind of {overview.Agents.Count}; all of them: /v1/subscribers.</p>");
        }

        html.Add($"</section>");
    }

    /// <summary>Adds the mirror in the local etcd, if there is one.</summary>
    public static void Mirror(HtmlText html, MeshOverview overview)
    {
        if (overview.Configuration.EtcdSink is not { } sink)
        {
            return;
        }

        html.Add($"""
            <section><h2 id="mirror-title">Mirror in the local etcd</h2><p>{(sink.Connected ? $"Connected to {sink.Endpoint}" : "Not connected")}; {sink.Written} keys written, {sink.PendingKeys} waiting.</p>
            <div class="scroll" role="region" aria-labelledby="mirror-title" tabindex="0"><table id="mirror"><thead><tr><th scope="col">Cluster</th><th scope="col">Phase</th>
            <th scope="col" class="n">Keys</th><th scope="col" class="n">Waiting</th><th scope="col">Complete</th></tr></thead><tbody>
            """);
        foreach (var cluster in sink.Clusters)
        {
            var leaving = cluster.Phase == nameof(SinkClusterPhase.Draining);
            html.Add($"""<tr><th scope="row">{cluster.Name}</th><td>{(leaving ? "being removed" : cluster.Phase)}</td><td class="n">{cluster.Keys}</td>""");
            html.Add($"""<td class="n">{cluster.PendingKeys}</td><td>{(cluster.Complete ? "yes" : "no")}</td></tr>""");
        }

        html.Add($"</tbody></table></div></section>");
    }

    private static void Figure(HtmlText html, string id, string title, string value, string note) =>
        html.Add($"""<div><dt>{title}</dt><dd id="figure-{id}">{value}</dd><dd class="note">{note}</dd></div>""");
}
