using System.Net;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>What a record in a cluster's store says, in the terms of the merge. Protocols that are not known are passed over.</summary>
internal static class ServiceRecords
{
    public static RemoteService Remote(ClusterService record) => new(Offers(record), record.Shared);

    /// <summary>The own cluster's record: it tells of ports and backends, of annotations only whether the service is global.</summary>
    public static LocalService Local(ClusterService record) => new()
    {
        Name = $"{record.Namespace}/{record.Name}",
        Frontends = [.. Ports(record.Frontends).Select(port => new ServicePort(port.Address, port.Name))],
        Backends = Offers(record),
        IsGlobal = record.IncludeExternal,
        IsShared = record.Shared,
        Source = "the local cluster's store",
    };

    private static BackendOffer[] Offers(ClusterService record) =>
    [
        .. Ports(record.Backends).GroupBy(port => port.Address).Select(port =>
            new BackendOffer(port.Key, [.. port.Select(named => named.Name).Where(name => name.Length > 0)])),
    ];

    private static IEnumerable<(L3n4Addr Address, string Name)> Ports(
        IReadOnlyDictionary<IPAddress, IReadOnlyDictionary<string, L4Port>> addresses)
    {
        foreach (var (ip, ports) in addresses)
        {
            foreach (var (name, port) in ports)
            {
                if (L3n4Addr.ParseProtocol(port.Protocol) is { } protocol)
                {
                    yield return (L3n4Addr.From(ip, port.Port, protocol), name);
                }
            }
        }
    }
}
