using System.CommandLine;
using System.Text.Json;
using KvStoreMesh.NodeAgent.LocalApi;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary><c>node-agent status</c>.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var socket = SharedOptions.Socket();
        var output = SharedOptions.Output();
        var verbose = new Option<bool>("--verbose") { Description = "Also maps, synced resources and refused values" };
        var command = new Command("status", "Show how the running agent stands") { socket, output, verbose };
        command.SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            async () =>
            {
                var status = await LocalApiClient.GetAsync(
                    parsed.GetValue(socket)!, LocalApiPaths.Status, StatusJson.Default.AgentStatus, cancellationToken);
                await Console.Out.WriteAsync(parsed.IsJson(output)
                    ? JsonSerializer.Serialize(status, StatusJson.Default.AgentStatus) + "\n"
                    : StatusText.Render(status, parsed.GetValue(verbose)));
            },
            Console.Error));
        return command;
    }
}
