using System.Net;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.NodeAgent.Desired;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Services;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.Golden.Mesh;

/// <summary>The node agent's replica and desired state, fed with what the daemon publishes.</summary>
internal sealed class GoldenAgent
{
    private readonly MeshReplica _replica = new();
    private readonly DesiredState _desired;
    private long _seq;

    public GoldenAgent(ClusterName local, uint localId)
    {
        _desired = new(local, "node", null);
        Put(local, MeshKey.ClusterConfig, System.Text.Encoding.UTF8.GetBytes($$$"""{"id":{{{localId}}},"capabilities":{"maxConnectedClusters":255}}"""));
    }

    /// <summary>The values that could not be used, with the reason, since the start.</summary>
    public List<string> Refused { get; } = [];

    public void Apply(ClusterDelta delta)
    {
        foreach (var change in delta.Changes)
        {
            Put(delta.Cluster, change.Key, change.Value);
        }

        if (delta.NewlySynced.Count > 0)
        {
            Take(new ResourcesSynced(delta.Cluster, delta.NewlySynced, ++_seq));
        }
    }

    public void Put(ClusterName cluster, MeshKey key, byte[]? value) => Take(new RecordsReceived(
        _seq, [new MeshRecord(cluster, key, value is null ? (ReadOnlyMemory<byte>?)null : value, _seq, ++_seq)]));

    public string? ProblemOf(ClusterName cluster) => _desired.StandingOf(cluster).Problem;

    /// <summary>The keys of a resource that are in force, with their bytes.</summary>
    public Dictionary<string, string> InForce(ClusterName cluster, params ResourceKind[] kinds)
    {
        var standing = _desired.StandingOf(cluster);
        if (!standing.IsUsable || !_replica.TryGet(cluster, out var replica))
        {
            return [];
        }

        var invalid = _desired.Invalid.Where(value => value.Cluster == cluster).Select(value => value.Key).ToHashSet();
        return replica.Entries
            .Where(entry => kinds.Contains(entry.Key.Kind) && !invalid.Contains(entry.Key))
            .Where(entry => entry.Key.Kind != ResourceKind.Identities || IsValidIdentity(entry.Value.Value.Span, cluster, standing.Id, standing.MaxConnectedClusters, entry.Key.Name))
            .ToDictionary(entry => entry.Key.ToString(), entry => Convert.ToHexString(entry.Value.Value.Span));
    }

    /// <summary>The backends of a frontend such as <c>10.0.0.1:80/TCP</c>, in Cilium's form; null if there is no such frontend.</summary>
    public string? Backends(string frontend)
    {
        var slash = frontend.LastIndexOf('/');
        var endPoint = IPEndPoint.Parse(frontend[..slash]);
        var address = L3n4Addr.From(endPoint.Address, (ushort)endPoint.Port, L3n4Addr.ParseProtocol(frontend[(slash + 1)..])!.Value);
        return _desired.Services.Find(address) is { } merged ? string.Join(", ", merged.Backends) : null;
    }

    /// <summary>Every backend of every frontend.</summary>
    public IEnumerable<string> AllBackends() => _desired.Services.Frontends
        .SelectMany(frontend => _desired.Services.Find(frontend)!.Backends).Select(backend => backend.ToString()!).Distinct();

    private void Take(SessionEvent sessionEvent) =>
        Refused.AddRange(_desired.Apply(_replica, _replica.Apply(sessionEvent)).Select(value => $"{value.Cluster} {value.Key}: {value.Reason}"));

    // Identities go straight to policy, by the same rule.
    private static bool IsValidIdentity(ReadOnlySpan<byte> value, ClusterName cluster, uint id, uint max, string name) =>
        IdentityLabels.TryParse(value, out var labels, out _) && labels.Validate(cluster, id, max, name) is null;
}
