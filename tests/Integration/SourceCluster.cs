using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Integration;

/// <summary>What one cluster's exporter has written, and what must stand in the local etcd because of it.</summary>
internal sealed class SourceCluster(string name, int id)
{
    private static readonly string[] Resources = ["nodes", "identities", "ip", "services", "endpointslices", "serviceexports"];

    private Dictionary<string, string> _state = [];

    public string Name => name;

    private string Config => $$$"""{"id":{{{id}}},"capabilities":{"syncedCanaries":true,"maxConnectedClusters":255}}""";

    /// <summary>Config and canaries.</summary>
    public IEnumerable<SourceWrite> Announcement() =>
    [
        SourceWrite.Put("cilium/.heartbeat", "2026-06-25T17:49:35Z"),
        SourceWrite.Put($"cilium/cluster-config/{name}", Config),
        .. Resources.Select(resource => SourceWrite.Put($"cilium/synced/{name}/cilium/state/{resource}/v1", "now")),
    ];

    /// <summary>Everything there is, as an exporter writes it into an etcd that was emptied.</summary>
    public IEnumerable<SourceWrite> Everything() => Announcement().Concat(_state.Select(pair => SourceWrite.Put(pair.Key, pair.Value)));

    /// <summary>What it holds now, to come back to.</summary>
    public IReadOnlyDictionary<string, string> Remember() => new Dictionary<string, string>(_state);

    /// <summary>Its etcd was restored to an earlier content.</summary>
    public void Restore(IReadOnlyDictionary<string, string> state) => _state = new(state);

    /// <summary>The data alone, by the source's keys.</summary>
    public IReadOnlyDictionary<string, string> State => _state;

    /// <summary>A few random changes, to be written in one transaction.</summary>
    public IReadOnlyList<SourceWrite> Churn(Random random)
    {
        var writes = new Dictionary<string, SourceWrite>();
        for (var n = random.Next(1, 60); n > 0; n--)
        {
            var number = random.Next(150);
            var key = "cilium/state/" + random.Next(4) switch
            {
                0 => $"nodes/v1/{name}/node-{number}",
                1 => $"identities/v1/id/{(id << 16) + number}",
                2 => $"ip/v1/default/10.{id}.0.{number}",
                _ => $"services/v1/{name}/default/service-{number}",
            };
            if (random.Next(3) == 0)
            {
                _state.Remove(key);
                writes[key] = SourceWrite.Delete(key);
            }
            else
            {
                // Opaque on purpose: the mirror must not care.
                _state[key] = $"value {random.NextInt64()} of {key}";
                writes[key] = SourceWrite.Put(key, _state[key]);
            }
        }

        return [.. writes.Values];
    }

    /// <summary>What a subscriber holds, by kind and name.</summary>
    public IEnumerable<KeyValuePair<string, string>> Served()
    {
        yield return new($"{MeshKey.ClusterConfig.Kind}/", Config);
        var layout = new SourceLayout(ClusterName.Parse(name), new ClusterCapabilities(true, false, 255, null, EndpointSlicesExportMode.ServicesOnly));
        foreach (var (key, value) in _state)
        {
            if (layout.TryMap(key, out var served))
            {
                yield return new($"{served.Kind}/{served.Name}", value);
            }
        }
    }

    /// <summary>What unmodified agents find in the local etcd; canaries without their value, which nobody reads.</summary>
    public IEnumerable<KeyValuePair<string, string>> Mirror()
    {
        yield return new($"cilium/cluster-config/{name}",
            $$$"""{"id":{{{id}}},"capabilities":{"syncedCanaries":true,"cached":true,"maxConnectedClusters":255}}""");
        foreach (var resource in Resources)
        {
            yield return new($"cilium/synced/{name}/cilium/cache/{resource}/v1", "");
        }

        foreach (var (key, value) in _state)
        {
            var cached = key.Replace("cilium/state/", "cilium/cache/", StringComparison.Ordinal)
                .Replace("/identities/v1/id/", $"/identities/v1/{name}/id/", StringComparison.Ordinal)
                .Replace("/ip/v1/default/", $"/ip/v1/{name}/", StringComparison.Ordinal);
            yield return new(cached, value);
        }
    }
}
