using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KvStoreMesh.NodeAgent.LocalApi;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary><c>node-agent service list</c>, in the columns of <c>cilium-dbg service list</c>.</summary>
internal static class ServiceListCommand
{
    public static Command Create()
    {
        var socket = SharedOptions.Socket();
        var output = SharedOptions.Output();
        var list = new Command("list", "List frontends and their backends") { socket, output };
        list.SetAction((parsed, cancellationToken) => CommandRunner.RunAsync(
            async () =>
            {
                var services = await LocalApiClient.GetAsync(
                    parsed.GetValue(socket)!, LocalApiPaths.Services, StatusJson.Default.IReadOnlyListServiceStatus, cancellationToken);
                await Console.Out.WriteAsync(parsed.IsJson(output)
                    ? JsonSerializer.Serialize(services, StatusJson.Default.IReadOnlyListServiceStatus) + "\n"
                    : Render(services));
            },
            Console.Error));
        return new Command("service", "Services as the agent has merged them") { list };
    }

    internal static string Render(IReadOnlyList<ServiceStatus> services)
    {
        var table = new TextTable();
        table.Add("ID", "Frontend", "Service Type", "Backend");
        foreach (var service in services)
        {
            string[] lines = [.. service.Backends.Select(Line).DefaultIfEmpty(string.Empty)];
            table.Add(service.Id.ToString(CultureInfo.InvariantCulture), service.Frontend, service.Type, lines[0]);
            foreach (var line in lines.Skip(1))
            {
                table.Add(string.Empty, string.Empty, string.Empty, line);
            }
        }

        return table.ToString();
    }

    private static string Line(BackendStatus backend) =>
        string.Create(CultureInfo.InvariantCulture, $"{backend.Slot} => {backend.Address} ({backend.State})");
}
