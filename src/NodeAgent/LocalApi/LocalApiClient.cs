using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KvStoreMesh.NodeAgent.LocalApi;

/// <summary>Asks the agent on its Unix socket.</summary>
internal static class LocalApiClient
{
    /// <summary>The answer to a path.</summary>
    /// <exception cref="IOException">No agent answers: one line with the way out.</exception>
    public static async Task<T> GetAsync<T>(string socketPath, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.GetFullPath(socketPath)), token);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            await using var body = await client.GetStreamAsync(new Uri($"http://localhost{path}"), cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken)
                ?? throw new IOException($"the agent on {socketPath} gave an empty answer");
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or TaskCanceledException)
        {
            throw new IOException(
                $"no node-agent answers on {socketPath}: {failure.InnerException?.Message ?? failure.Message}; "
                + "is it running, with the same --socket, and are you root?",
                failure);
        }
    }
}
