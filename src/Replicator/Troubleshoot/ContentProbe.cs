using System.Globalization;
using System.Text;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>Reads what the mesh reads from one etcd: config, every prefix, canaries and heartbeat.</summary>
internal sealed class ContentProbe(ISourceConnection etcd, ClusterFacts facts, TimeProvider time)
{
    // A cluster with more is only counted in part: this is a check, not a mirror.
    private const int MaxKeysRead = 20_000;

    // The exporter writes once a minute; a clock may be off a little.
    private static readonly TimeSpan HeartbeatLimit = TimeSpan.FromMinutes(3);

    private readonly ClusterName _cluster = facts.Cluster;

    /// <summary>Reads.</summary>
    public async Task LookAsync(List<Finding> findings, CancellationToken cancellationToken)
    {
        if (await ConfigAsync(findings, cancellationToken) is { } config)
        {
            var layout = new SourceLayout(_cluster, config.Capabilities);
            foreach (var kind in layout.Resources)
            {
                await ResourceAsync(layout.RangeOf(kind), kind, findings, cancellationToken);
            }

            await CanariesAsync(layout, config, findings, cancellationToken);
        }

        await HeartbeatAsync(findings, cancellationToken);
    }

    private async Task<CiliumClusterConfig?> ConfigAsync(List<Finding> findings, CancellationToken cancellationToken)
    {
        var key = CiliumKeys.ClusterConfig(_cluster);
        if (await TryAsync(findings, "permission", () => etcd.ReadAsync(key, cancellationToken)) is not { } read)
        {
            return null;
        }

        if (read.Entry is not { } entry)
        {
            findings.Add(Finding.Error(
                "config", $"{key} does not exist there", $"the file must be called like the cluster calls itself (cluster.name): rename it, or start that cluster's clustermesh-apiserver"));
            return null;
        }

        if (!CiliumClusterConfig.TryParse(entry.Value, out var config, out var rule))
        {
            findings.Add(Finding.Error("config", $"{key} is not a cluster's config: {rule}", "let that cluster's clustermesh-apiserver write it again"));
            return null;
        }

        facts.Id = config.Id;
        findings.Add(Finding.Fine("config", $"cluster id {config.Id}, {(config.Capabilities.Cached ? "itself a mirror" : "exports its own state")}"));
        return config;
    }

    private async Task ResourceAsync(SourceRange range, ResourceKind kind, List<Finding> findings, CancellationToken cancellationToken)
    {
        var (keys, revision) = (0, 0L);
        string? next = null;
        do
        {
            var (from, at) = (next, revision);
            if (await TryAsync(findings, "permission", () => etcd.ListAsync(range, from, at, cancellationToken)) is not { } page)
            {
                return;
            }

            (keys, revision, next) = (keys + page.Entries.Count, page.Revision, page.NextKey);
            if (kind == ResourceKind.Nodes)
            {
                Nodes(page, findings);
            }
        }
        while (next is not null && keys < MaxKeysRead);

        findings.Add(Finding.Fine("permission", $"{range.Start} can be read: {keys}{(next is null ? "" : " or more")} keys"));
        if (next is null)
        {
            facts.Counts[kind] = keys;
        }
    }

    private void Nodes(SourcePage page, List<Finding> findings)
    {
        foreach (var entry in page.Entries)
        {
            if (CiliumNode.TryParse(entry.Value, out var node, out var rule))
            {
                facts.Nodes.Add(node);
            }
            else
            {
                findings.Add(Finding.Warning("config", $"{entry.Key} is not a node: {rule}", "agents drop it: delete the key there"));
            }
        }
    }

    private async Task CanariesAsync(SourceLayout layout, CiliumClusterConfig config, List<Finding> findings, CancellationToken cancellationToken)
    {
        if (!config.Capabilities.SyncedCanaries)
        {
            findings.Add(Finding.Note("canaries", "this cluster writes none: its lists are taken as complete"));
            return;
        }

        var range = SourceRange.Prefix(CiliumKeys.Canaries(_cluster));
        if (await TryAsync(findings, "permission", () => etcd.ListAsync(range, null, 0, cancellationToken)) is not { } page)
        {
            return;
        }

        var present = page.Entries.Select(entry => layout.TryMapCanary(entry.Key, out var kind) ? kind : (ResourceKind?)null).ToHashSet();
        var missing = layout.Resources.Where(kind => !present.Contains(kind)).ToList();
        findings.Add(missing.Count == 0
            ? Finding.Fine("canaries", "every resource is complete at the source")
            : Finding.Error(
                "canaries",
                $"not complete at the source: {string.Join(", ", missing)}",
                "that cluster's clustermesh-apiserver has not ended its first synchronization: look at its log; readers do not use these resources before"));
    }

    private async Task HeartbeatAsync(List<Finding> findings, CancellationToken cancellationToken)
    {
        if (await TryAsync(findings, "permission", () => etcd.ReadAsync(CiliumKeys.Heartbeat, cancellationToken)) is not { } read)
        {
            return;
        }

        var text = read.Entry is { } entry ? Encoding.UTF8.GetString(entry.Value) : null;
        if (text is null || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var beat))
        {
            findings.Add(Finding.Warning(
                "heartbeat", $"{CiliumKeys.Heartbeat} {(text is null ? "does not exist" : "holds no time")}", "the exporter of that cluster (cilium-operator or clustermesh-apiserver) is not running: look at it"));
            return;
        }

        var age = time.GetUtcNow() - beat;
        findings.Add(age > HeartbeatLimit
            ? Finding.Warning(
                "heartbeat", $"the last one was {age.TotalMinutes:0} minutes ago", "the exporter of that cluster stands still, or a clock is wrong: what is read may be old")
            : Finding.Fine("heartbeat", $"the last one was {Math.Max(0, age.TotalSeconds):0} seconds ago"));
    }

    private async Task<T?> TryAsync<T>(List<Finding> findings, string step, Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (SourceException failure)
        {
            findings.Add(Finding.Error(failure.Phase == SourcePhase.Auth ? step : "etcd", $"{etcd.Endpoint}: {failure.Message}"));
            return null;
        }
    }
}
