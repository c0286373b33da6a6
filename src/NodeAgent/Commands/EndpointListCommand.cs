using System.CommandLine;
using System.Globalization;
using KvStoreMesh.NodeAgent.LocalApi;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary><c>node-agent endpoint list</c>, in the columns of <c>cilium-dbg endpoint list</c>.</summary>
internal static class EndpointListCommand
{
    public static Command Create() => new("endpoint", "Endpoints of this node")
    {
        LocalListing.Create(
            "list", "List endpoints and how policy is enforced at them", LocalApiPaths.Endpoints, StatusJson.Default.IReadOnlyListEndpointStatus, Render),
    };

    /// <summary>Why an endpoint is not ready stands on a line of its own under its row.</summary>
    internal static string Render(IReadOnlyList<EndpointStatus> endpoints)
    {
        var table = new TextTable();
        table.Add("ENDPOINT", "POLICY (ingress)", "POLICY (egress)", "IDENTITY", "LABELS (source:key[=value])", "IPv6", "IPv4", "STATUS");
        table.Add(string.Empty, "ENFORCEMENT", "ENFORCEMENT", string.Empty, string.Empty, string.Empty, string.Empty, string.Empty);
        foreach (var endpoint in endpoints)
        {
            table.Add(
                endpoint.Id.ToString(CultureInfo.InvariantCulture),
                Enforcement(endpoint.EnforcesIngress),
                Enforcement(endpoint.EnforcesEgress),
                endpoint.Identity == 0 ? "<no label id>" : endpoint.Identity.ToString(CultureInfo.InvariantCulture),
                endpoint.Labels.FirstOrDefault(string.Empty),
                endpoint.Ips.FirstOrDefault(ip => ip.Contains(':', StringComparison.Ordinal), string.Empty),
                endpoint.Ips.FirstOrDefault(ip => !ip.Contains(':', StringComparison.Ordinal), string.Empty),
                endpoint.State);
            foreach (var label in endpoint.Labels.Skip(1))
            {
                table.Add(string.Empty, string.Empty, string.Empty, string.Empty, label, string.Empty, string.Empty, string.Empty);
            }
        }

        return table + string.Concat(endpoints.Where(endpoint => endpoint.Problem is not null)
            .Select(endpoint => $"{endpoint.Name}: {endpoint.Problem}\n"));
    }

    private static string Enforcement(bool isEnforced) => isEnforced ? "Enabled" : "Disabled";
}
