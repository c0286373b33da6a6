using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.LocalApi;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>
/// <c>node-agent bpf policy get</c>, in the columns of <c>cilium-dbg bpf policy get</c>: what the pinned maps hold, whether an agent runs
/// or not. Labels are the agent's to tell; without one, and with <c>-n</c>, identities are numbers.
/// </summary>
internal static class BpfPolicyCommand
{
    public static Command Create()
    {
        var location = new BpfLocationOptions();
        var endpoint = new Argument<ushort?>("endpoint") { Description = "The number of an endpoint; without it, every one", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Every endpoint" };
        var numeric = new Option<bool>("--numeric", "-n") { Description = "Identities as numbers" };
        var socket = SharedOptions.Socket();
        var output = SharedOptions.Output();
        var get = new Command("get", "Show the policy maps of endpoints") { endpoint, all, numeric, location.Root, location.Prefix, socket, output };
        get.SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            async () =>
            {
                var maps = PinnedMaps.ReadPolicies(new BpfDatapathOptions
                {
                    BpfFsRoot = parsed.GetValue(location.Root)!,
                    MapPrefix = parsed.GetValue(location.Prefix)!,
                });
                var wanted = parsed.GetValue(all) ? null : parsed.GetValue(endpoint);
                maps = wanted is null ? maps : [.. maps.Where(map => map.Endpoint == wanted)];
                if (maps.Count == 0)
                {
                    throw new IOException(wanted is null ? "no policy map is pinned here" : $"no policy map of endpoint {wanted} is pinned here");
                }

                if (parsed.IsJson(output))
                {
                    IReadOnlyList<PolicyEntryStatus> entries = [.. maps.SelectMany(PolicyTable.Entries)];
                    await Console.Out.WriteLineAsync(JsonSerializer.Serialize(entries, StatusJson.Default.IReadOnlyListPolicyEntryStatus));
                    return;
                }

                var labels = parsed.GetValue(numeric) ? null : await LabelsAsync(parsed.GetValue(socket)!, cancellationToken);
                foreach (var map in maps)
                {
                    if (wanted is null)
                    {
                        await Console.Out.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"Endpoint ID: {map.Endpoint}\nPath: {map.Path}\n\n"));
                    }

                    await Console.Out.WriteAsync(PolicyTable.Render(PolicyTable.Entries(map), labels) + (wanted is null ? "\n\n" : string.Empty));
                }
            },
            Console.Error));
        return new Command("policy", "The policy maps of endpoints") { get };
    }

    private static async Task<IReadOnlyDictionary<uint, IReadOnlyList<string>>?> LabelsAsync(string socket, CancellationToken cancellationToken)
    {
        try
        {
            var identities = await LocalApiClient.GetAsync(
                socket, LocalApiPaths.Identities, StatusJson.Default.IReadOnlyListIdentityStatus, cancellationToken);
            return identities.ToDictionary(identity => identity.Id, identity => identity.Labels);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
