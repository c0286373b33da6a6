using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KvStoreMesh.NodeAgent.LocalApi;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>A command that asks the running agent one thing and prints it as a table or as JSON.</summary>
internal static class LocalListing
{
    public static Command Create<T>(string name, string description, string path, JsonTypeInfo<T> type, Func<T, string> render)
    {
        var socket = SharedOptions.Socket();
        var output = SharedOptions.Output();
        var command = new Command(name, description) { socket, output };
        command.SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            async () =>
            {
                var answer = await LocalApiClient.GetAsync(parsed.GetValue(socket)!, path, type, cancellationToken);
                await Console.Out.WriteAsync(parsed.IsJson(output) ? JsonSerializer.Serialize(answer, type) + "\n" : render(answer));
            },
            Console.Error));
        return command;
    }
}
