using System.Globalization;
using System.Text;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Core.Sinks;

/// <summary>The copy of a cluster's config in the local etcd: what agents recognise a mirror by.</summary>
/// <remarks>
/// Byte for byte what Go's encoder writes for Cilium's struct: its field order, zero values left out, <c>capabilities</c>
/// always there, unknown fields of the source lost. (Cilium: pkg/clustermesh/types/types.go)
/// </remarks>
public static class CachedClusterConfig
{
    /// <summary>Writes the config with <c>syncedCanaries</c> and <c>cached</c> set.</summary>
    public static byte[] Write(CiliumClusterConfig config)
    {
        var capabilities = config.Capabilities;
        var json = new StringBuilder("{");
        if (config.Id != 0)
        {
            json.Append(CultureInfo.InvariantCulture, $"\"id\":{config.Id},");
        }

        json.Append("\"capabilities\":{\"syncedCanaries\":true,\"cached\":true");
        if (capabilities.MaxConnectedClusters != 0)
        {
            json.Append(CultureInfo.InvariantCulture, $",\"maxConnectedClusters\":{capabilities.MaxConnectedClusters}");
        }

        if (capabilities.ServiceExportsEnabled is { } enabled)
        {
            json.Append(enabled ? ",\"serviceExportsEnabled\":true" : ",\"serviceExportsEnabled\":false");
        }

        if (capabilities.EndpointSlicesExportMode.Length > 0)
        {
            AppendText(json.Append(",\"endpointSlicesExportMode\":"), capabilities.EndpointSlicesExportMode);
        }

        return Encoding.UTF8.GetBytes(json.Append("}}").ToString());
    }

    // Go's encoding/json with HTML escaping, which is its default.
    private static void AppendText(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        json.Append('"');
    }
}
