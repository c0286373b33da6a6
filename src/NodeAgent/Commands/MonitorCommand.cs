using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KvStoreMesh.NodeAgent.LocalApi;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary><c>node-agent monitor</c>: dropped packets as they happen, in the manner of <c>cilium-dbg monitor --type drop</c>.</summary>
internal static class MonitorCommand
{
    public static Command Create()
    {
        var socket = SharedOptions.Socket();
        var output = SharedOptions.Output();
        var command = new Command("monitor", "Show packets that policy drops, as it happens; end it with Ctrl-C") { socket, output };
        command.SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            async () =>
            {
                await foreach (var line in LocalApiClient.LinesAsync(parsed.GetValue(socket)!, LocalApiPaths.Monitor, cancellationToken))
                {
                    await Console.Out.WriteLineAsync(
                        parsed.IsJson(output) ? line : Render(JsonSerializer.Deserialize(line, MonitorJson.Default.DropStatus)!));
                    await Console.Out.FlushAsync(cancellationToken);
                }
            },
            Console.Error));
        return command;
    }

    internal static string Render(DropStatus drop) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(drop.Lost > 0 ? $"({drop.Lost} drops not told)\n" : string.Empty)}{drop.Time:HH:mm:ss.fff} xx drop ({drop.Reason}) {drop.Direction} of endpoint {drop.Endpoint}, ifindex {drop.Interface}, remote identity {drop.RemoteIdentity}: {drop.Source} -> {drop.Destination} {drop.Protocol.ToLowerInvariant()} {drop.Flags}").TrimEnd();
}
