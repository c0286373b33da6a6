using System.CommandLine;
using System.Text.Json;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>
/// <c>node-agent bpf lb list</c> and <c>bpf ipcache list</c>: what the pinned maps hold, read from the kernel, whether an agent
/// runs or not.
/// </summary>
internal static class BpfCommand
{
    public static Command Create() => new("bpf", "Look into the pinned maps")
    {
        new Command("lb", "The load-balancing maps")
        {
            List("List services and their slots", PinnedMaps.ReadLoadBalancer, BpfTables.LoadBalancer, "SERVICE ADDRESS", "BACKEND ADDRESS (REVNAT_ID) (SLOT)"),
        },
        new Command("ipcache", "The ipcache map")
        {
            List("List prefixes and their identities", PinnedMaps.ReadIpCache, BpfTables.IpCache, "IP PREFIX/ADDRESS", "IDENTITY"),
        },
        BpfPolicyCommand.Create(),
    };

    private static Command List<T>(
        string description, Func<BpfDatapathOptions, T> read, Func<T, IReadOnlyList<KeyValuePair<string, string>>> rows, params string[] titles)
    {
        var location = new BpfLocationOptions();
        var output = SharedOptions.Output();
        var command = new Command("list", description) { location.Root, location.Prefix, output };
        command.SetAction((parsed, _) => CommandRunner.RunAsync(
            () => WriteAsync(
                rows(read(new BpfDatapathOptions
                {
                    BpfFsRoot = parsed.GetValue(location.Root)!,
                    MapPrefix = parsed.GetValue(location.Prefix)!,
                })),
                titles,
                parsed.IsJson(output)),
            Console.Error));
        return command;
    }

    private static async Task WriteAsync(IReadOnlyList<KeyValuePair<string, string>> rows, string[] titles, bool asJson)
    {
        if (asJson)
        {
            var lists = rows.ToDictionary(row => row.Key, row => (IReadOnlyList<string>)[row.Value]);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(lists, StatusJson.Default.IReadOnlyDictionaryStringIReadOnlyListString));
            return;
        }

        if (rows.Count == 0)
        {
            await Console.Error.WriteLineAsync("No entries found.");
            return;
        }

        var table = new TextTable();
        table.Add(titles);
        foreach (var row in rows)
        {
            table.Add(row.Key, row.Value);
        }

        await Console.Out.WriteAsync(table.ToString());
    }
}
