using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KvStoreMesh.Replicator.Options;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.Commands;

/// <summary><c>kvstoremesh status</c>: asks a running daemon.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>The command.</summary>
    public static Command Create(TimeProvider time)
    {
        var http = new Option<string>("--http")
        {
            Description = "Address of the daemon's status",
            DefaultValueFactory = _ => DaemonOptions.DefaultHttp.ToString(),
        };
        var output = new Option<string>("--output", "-o") { Description = "text or json", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var verbose = new Option<bool>("--verbose") { Description = "Details of what is well, too" };

        var command = new Command("status", "Show the remote clusters, the configuration's problems and the subscribers")
        {
            http, output, verbose,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            result.GetRequiredValue(http), result.GetRequiredValue(output) == "json", result.GetValue(verbose), time, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string address, bool json, bool verbose, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate($"http://{address}", UriKind.Absolute, out var daemon))
        {
            throw new OptionException("--http", $"'{address}' {ListenAddress.Rule}");
        }

        using var client = new HttpClient { BaseAddress = daemon, Timeout = Timeout };
        try
        {
            if (json)
            {
                await Console.Out.WriteAsync(await client.GetStringAsync("/v1/cluster", cancellationToken) + "\n");
                return 0;
            }

            var clusters = await GetAsync(client, "/v1/cluster", StatusJson.Cilium.IReadOnlyListRemoteClusterModel, cancellationToken);
            var configuration = await GetAsync(client, "/v1/configuration", StatusJson.Full.ConfigurationModel, cancellationToken);
            var subscribers = await GetAsync(client, "/v1/subscribers", StatusJson.Full.IReadOnlyListSubscriberModel, cancellationToken);
            var now = time.GetUtcNow();
            await Console.Out.WriteAsync(StatusText.Clusters(clusters, verbose, now));
            await Console.Out.WriteAsync(StatusText.Ours(configuration, subscribers, verbose, now));
            return 0;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException or JsonException)
        {
            await Console.Error.WriteLineAsync(
                $"Failed to retrieve status information: {failure.Message} (is kvstoremesh running with --http {address}?)");
            return 1;
        }
    }

    private static async Task<T> GetAsync<T>(HttpClient client, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize(await client.GetByteArrayAsync(path, cancellationToken), type)
            ?? throw new JsonException($"{path} answered null");
}
