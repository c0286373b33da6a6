using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using KvStoreMesh.Core.Json;

namespace KvStoreMesh.Core.Clusters;

/// <summary>
/// The value of <c>cilium/cluster-config/&lt;c&gt;</c>: who a cluster is and what its etcd holds. Parsed leniently, as
/// Go's decoder does, and never validated by the daemon: agents decide about ids.
/// </summary>
/// <param name="Id">The cluster id; 0 if absent.</param>
/// <param name="Capabilities">What the source offers.</param>
public sealed record CiliumClusterConfig(uint Id, ClusterCapabilities Capabilities)
{
    /// <summary>The longest config that is accepted, in bytes; Cilium's own have about 200.</summary>
    public const int MaxBytes = 64 << 10;

    /// <summary>
    /// Parses the JSON, or says in <paramref name="error"/> what is wrong with it. An empty value is an error, an empty
    /// object is not.
    /// </summary>
    public static bool TryParse(
        ReadOnlySpan<byte> json, [NotNullWhen(true)] out CiliumClusterConfig? config, [NotNullWhen(false)] out string? error)
    {
        config = null;
        error = null;
        if (json.IsEmpty)
        {
            error = "the value is empty";
            return false;
        }

        try
        {
            config = Parse(new GoJsonReader(json, MaxBytes));
            return true;
        }
        catch (JsonException e)
        {
            error = e.Message;
            return false;
        }
    }

    private static CiliumClusterConfig Parse(GoJsonReader json)
    {
        uint id = 0;
        var capabilities = new Fields();
        for (var open = json.BeginObject(); open && json.NextField();)
        {
            if (json.Is("id"u8))
            {
                json.Read(ref id);
            }
            else if (json.Is("capabilities"u8))
            {
                capabilities.Read(ref json);
            }
        }

        json.End();
        return new(id, capabilities.ToCapabilities());
    }

    // Outlives one "capabilities" object: a second one is merged into it, as in Go.
    private struct Fields()
    {
        private bool _syncedCanaries;
        private bool _cached;
        private uint _maxConnectedClusters;
        private bool? _serviceExportsEnabled;
        private string _endpointSlicesExportMode = string.Empty;

        public void Read(ref GoJsonReader json)
        {
            for (var open = json.BeginObject(); open && json.NextField();)
            {
                if (json.Is("syncedCanaries"u8))
                {
                    json.Read(ref _syncedCanaries);
                }
                else if (json.Is("cached"u8))
                {
                    json.Read(ref _cached);
                }
                else if (json.Is("maxConnectedClusters"u8))
                {
                    json.Read(ref _maxConnectedClusters);
                }
                else if (json.Is("serviceExportsEnabled"u8))
                {
                    json.Read(ref _serviceExportsEnabled);
                }
                else if (json.Is("endpointSlicesExportMode"u8))
                {
                    json.Read(ref _endpointSlicesExportMode);
                }
            }
        }

        public readonly ClusterCapabilities ToCapabilities() =>
            new(_syncedCanaries, _cached, _maxConnectedClusters, _serviceExportsEnabled, _endpointSlicesExportMode);
    }
}
