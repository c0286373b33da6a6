using System.CommandLine;
using System.Text.Json;
using KvStoreMesh.NodeAgent.LocalApi;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary><c>node-agent policy get</c> and <c>policy trace</c>.</summary>
internal static class PolicyCommand
{
    public static Command Create() => new("policy", "Policies of this node's endpoints")
    {
        LocalListing.Create("get", "Show the policies in force and the files they come from", LocalApiPaths.Policy, StatusJson.Default.PolicyStatus, PolicyText.Render),
        Trace(),
    };

    private static Command Trace()
    {
        var source = new Option<string>("--src") { Description = "Who sends: namespace/name of an endpoint, an address, an identity, or labels key=value,…", Required = true };
        var destination = new Option<string>("--dst") { Description = "Who gets it, likewise", Required = true };
        var port = new Option<string>("--dport") { Description = "Destination port: 8080, 53/UDP, or a type: 8/ICMP", Required = true };
        var socket = SharedOptions.Socket();
        var output = SharedOptions.Output();
        var trace = new Command("trace", "Explain what policy makes of traffic, and which rule decides") { source, destination, port, socket, output };
        trace.SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            async () =>
            {
                var query = $"{LocalApiPaths.PolicyTrace}?src={Value(parsed, source)}&dst={Value(parsed, destination)}&dport={Value(parsed, port)}";
                var answer = await LocalApiClient.GetAsync(parsed.GetValue(socket)!, query, StatusJson.Default.TraceStatus, cancellationToken);
                await Console.Out.WriteAsync(
                    parsed.IsJson(output) ? JsonSerializer.Serialize(answer, StatusJson.Default.TraceStatus) + "\n" : PolicyText.Render(answer));
            },
            Console.Error));
        return trace;
    }

    private static string Value(ParseResult parsed, Option<string> option) => Uri.EscapeDataString(parsed.GetValue(option)!);
}
