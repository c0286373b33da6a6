using System.Globalization;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.LoadBalancing;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>The rows of <c>cilium-dbg bpf lb list</c> and <c>bpf ipcache list</c>, sorted.</summary>
internal static class BpfTables
{
    public static IReadOnlyList<KeyValuePair<string, string>> LoadBalancer(LoadBalancerContents contents)
    {
        List<KeyValuePair<string, string>> rows = [];
        foreach (var (frontend, slots) in contents.Services.OrderBy(service => service.Key))
        {
            foreach (var (slot, value) in slots)
            {
                var backend = slot == 0
                    ? frontend.Address.IsIpv6 ? "[::]:0" : "0.0.0.0:0"
                    : contents.Backends.TryGetValue(value.BackendId, out var entry)
                        ? entry.Address.ToString()
                        : string.Create(CultureInfo.InvariantCulture, $"backend {value.BackendId} not found");
                var type = slot == 0 ? $" [{TypeOf(value)}]" : string.Empty;
                rows.Add(new(
                    string.Create(CultureInfo.InvariantCulture, $"{frontend} ({slot})"),
                    string.Create(CultureInfo.InvariantCulture, $"{backend} ({value.RevNatId}) ({slot}){type}")));
            }
        }

        return rows;
    }

    public static IReadOnlyList<KeyValuePair<string, string>> IpCache(Dictionary<IpPrefix, IpCacheEntry> rows) =>
        [.. rows.OrderBy(row => row.Key).Select(row => KeyValuePair.Create(row.Key.ToString(), row.Value.ToString()))];

    /// <summary>This agent writes plain cluster IPs, with or without session affinity; of others only the raw flags are told.</summary>
    private static string TypeOf(ServiceSlot master) => (master.Flags, master.Flags2) switch
    {
        (0, 0) => "ClusterIP, non-routable",
        (0x10, 0) => "ClusterIP, non-routable, sessionAffinity",
        _ => string.Create(CultureInfo.InvariantCulture, $"flags 0x{master.Flags:x} 0x{master.Flags2:x}"),
    };
}
