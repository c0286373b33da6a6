using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KvStoreMesh.NodeAgent.LocalApi;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary><c>node-agent why SERVICE</c>: which record each cluster published, and why each backend is in or out.</summary>
internal static class WhyCommand
{
    public static Command Create()
    {
        var socket = SharedOptions.Socket();
        var output = SharedOptions.Output();
        var service = new Argument<string>("service") { Description = "NAMESPACE/NAME; a name alone is of the namespace default" };
        var command = new Command("why", "Explain why a service has the backends it has") { service, socket, output };
        command.SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            async () =>
            {
                var name = parsed.GetValue(service)!;
                name = name.Contains('/', StringComparison.Ordinal) ? name : $"default/{name}";
                var answers = await LocalApiClient.GetAsync(
                    parsed.GetValue(socket)!, $"{LocalApiPaths.Why}?service={Uri.EscapeDataString(name)}",
                    StatusJson.Default.IReadOnlyListWhyStatus, cancellationToken);
                if (answers.Count == 0)
                {
                    throw new IOException($"no cluster publishes a service {name}, and there is none here");
                }

                await Console.Out.WriteAsync(parsed.IsJson(output)
                    ? JsonSerializer.Serialize(answers[0], StatusJson.Default.WhyStatus) + "\n"
                    : Render(answers[0]));
            },
            Console.Error));
        return command;
    }

    internal static string Render(WhyStatus why)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Service {why.Service}\n");
        text.Append(CultureInfo.InvariantCulture, $"   here, {why.Local ?? "no such service: without it there is no frontend"}\n");
        foreach (var published in why.Published)
        {
            text.Append(CultureInfo.InvariantCulture, $"   {published}\n");
        }

        foreach (var frontend in why.Frontends)
        {
            text.Append(CultureInfo.InvariantCulture, $"Frontend {frontend.Frontend}{(frontend.Problem is { } problem ? $": {problem}" : string.Empty)}\n");
            var table = new TextTable();
            foreach (var backend in frontend.Backends)
            {
                table.Add($"   {(backend.IsIn ? "in" : "out")}", backend.Address, backend.Cluster, backend.State, backend.Reason);
            }

            text.Append(table);
        }

        return text.ToString();
    }
}
