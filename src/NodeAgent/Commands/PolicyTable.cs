using System.Globalization;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Policy;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>The rows of <c>bpf policy get</c>. Packets and bytes are counted per reason and not per entry here, so those columns are 0.</summary>
internal static class PolicyTable
{
    public static IReadOnlyList<PolicyEntryStatus> Entries(PinnedPolicyMap map) =>
    [
        .. map.Entries.OrderBy(entry => entry.Value.IsDeny ? 0 : 1).ThenBy(entry => entry.Key.Direction).ThenBy(entry => entry.Key.Identity)
            .ThenBy(entry => entry.Key.Protocol).ThenBy(entry => entry.Key.Port)
            .Select(entry => new PolicyEntryStatus(
                map.Endpoint,
                entry.Value.IsDeny ? "Deny" : "Allow",
                entry.Key.Direction.ToString(),
                entry.Key.Identity,
                PortProtocol(entry.Key),
                entry.Value.LpmPrefixLength,
                entry.Value.Precedence)),
    ];

    public static string Render(IReadOnlyList<PolicyEntryStatus> entries, IReadOnlyDictionary<uint, IReadOnlyList<string>>? labels)
    {
        var table = new TextTable();
        table.Add(
            "POLICY", "DIRECTION", labels is null ? "IDENTITY" : "LABELS (source:key[=value])", "PORT/PROTO", "PROXY PORT", "AUTH TYPE", "BYTES", "PACKETS", "PREFIX", "COOKIE");
        foreach (var entry in entries)
        {
            var who = Who(entry.Identity, labels);
            table.Add(
                entry.Policy, entry.Direction, who[0], entry.PortProtocol, "NONE", "disabled", "0", "0", entry.Prefix.ToString(CultureInfo.InvariantCulture), "0");
            foreach (var label in who.Skip(1))
            {
                table.Add(string.Empty, string.Empty, label);
            }
        }

        return table.ToString();
    }

    private static IReadOnlyList<string> Who(uint identity, IReadOnlyDictionary<uint, IReadOnlyList<string>>? labels) =>
        identity == 0 && labels is not null ? ["ANY"]
        : labels?.GetValueOrDefault(identity) is { Count: > 0 } known ? known
        : [identity.ToString(CultureInfo.InvariantCulture)];

    private static string PortProtocol(PolicyKey key)
    {
        if (key.Protocol == 0)
        {
            return "ANY";
        }

        var last = (ushort)(key.Port | (0xffff >> key.PortPrefixBits));
        return new PortRange(key.Protocol, key.Port, last).ToString();
    }
}
