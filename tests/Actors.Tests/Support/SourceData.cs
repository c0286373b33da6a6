using System.Text.Json;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Actors.Tests.Support;

/// <summary>What an exporter writes to its etcd, and what a mirror of it has to hold.</summary>
internal static class SourceData
{
    public static readonly ResourceKind[] Kinds =
        [ResourceKind.Identities, ResourceKind.Nodes, ResourceKind.Endpoints, ResourceKind.Services];

    public static string ConfigKey(string cluster) => CiliumKeys.ClusterConfig(Some.Cluster(cluster));

    public static string Config(int id = 1, bool canaries = true, bool cached = false) => JsonSerializer.Serialize(
        new { id, capabilities = new { syncedCanaries = canaries, cached, maxConnectedClusters = 255 } });

    public static SourceLayout Layout(string cluster, bool cached = false) => new(
        Some.Cluster(cluster), new ClusterCapabilities(true, cached, 255, null, EndpointSlicesExportMode.ServicesOnly));

    public static string Key(string cluster, ResourceKind kind, string name) => Layout(cluster).RangeOf(kind).Start + name;

    public static string Canary(string cluster, ResourceKind kind) =>
        CiliumKeys.Canaries(Some.Cluster(cluster)) + ResourcePrefixes.State(kind);

    /// <summary>Config, data and canaries in the order of a real exporter.</summary>
    public static void Export(this FakeSource source, string cluster, params string[] services)
    {
        source.Etcd.Put(ConfigKey(cluster), Config());
        foreach (var service in services)
        {
            source.PutService(cluster, service);
        }

        source.WriteCanaries(cluster);
    }

    public static void WriteCanaries(this FakeSource source, string cluster)
    {
        foreach (var kind in Kinds)
        {
            source.Etcd.Put(Canary(cluster, kind), "2026-01-01T00:00:00Z");
        }
    }

    public static void PutService(this FakeSource source, string cluster, string name, string value = "v1") =>
        source.Etcd.Put(Key(cluster, ResourceKind.Services, name), value);

    public static void DeleteService(this FakeSource source, string cluster, string name) =>
        source.Etcd.Delete(Key(cluster, ResourceKind.Services, name));

    public static void Heartbeat(this FakeSource source) => source.Etcd.Put(CiliumKeys.Heartbeat, "now");

    /// <summary>Everything a mirror has to hold, now: the config and every mapped key.</summary>
    public static SortedDictionary<string, string> Mirrored(this FakeSource source, string cluster)
    {
        var layout = Layout(cluster);
        var mirrored = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in source.Etcd.List(SourceRange.Prefix("cilium/"), null, 0, int.MaxValue).Entries)
        {
            var text = $"{System.Text.Encoding.UTF8.GetString(entry.Value)}@{entry.ModRevision}";
            if (entry.Key == ConfigKey(cluster))
            {
                mirrored[$"{MeshKey.ClusterConfig}"] = text;
            }
            else if (layout.TryMap(entry.Key, out var key))
            {
                mirrored[$"{key}"] = text;
            }
        }

        return mirrored;
    }
}
