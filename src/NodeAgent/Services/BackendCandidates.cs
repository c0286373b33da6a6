using System.Net.Sockets;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.Services;

/// <summary>The backends that the records of one service offer, each with the port names it carries.</summary>
/// <remarks>
/// Names are kept per record: if cluster b names a port and cluster c does not, c's backend is free for every
/// frontend, and so is an address that both export.
/// </remarks>
internal sealed class BackendCandidates
{
    private readonly List<(L3n4Addr Address, string[] PortNames)> _offers = [];

    /// <summary>Adds a record's backends; returns how many addresses were left out because they are IPv6.</summary>
    public int Add(ClusterService record)
    {
        var skipped = 0;
        foreach (var (ip, ports) in record.Backends)
        {
            if (ip.AddressFamily != AddressFamily.InterNetwork)
            {
                skipped++;
                continue;
            }

            foreach (var port in ports.GroupBy(port => port.Value))
            {
                if (L3n4Addr.ParseProtocol(port.Key.Protocol) is { } protocol)
                {
                    string[] names = [.. port.Select(named => named.Key).Where(portName => portName.Length > 0)];
                    _offers.Add((L3n4Addr.From(ip, port.Key.Port, protocol), names));
                }
            }
        }

        return skipped;
    }

    /// <summary>The backends for a frontend's protocol and port name, each once, ascending.</summary>
    public L3n4Addr[] Select(L4Protocol protocol, string portName) =>
    [
        .. _offers
            .Where(offer => offer.Address.Protocol == protocol)
            .Where(offer => portName.Length == 0 || offer.PortNames.Length == 0 || offer.PortNames.Contains(portName))
            .Select(offer => offer.Address)
            .Distinct()
            .Order(),
    ];
}
