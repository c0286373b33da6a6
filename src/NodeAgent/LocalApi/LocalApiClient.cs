using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
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
        using var client = new HttpClient(Handler(socketPath)) { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://localhost{path}"), cancellationToken);
            await RefuseAsync(answer, cancellationToken);
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken)
                ?? throw new IOException($"the agent on {socketPath} gave an empty answer");
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or TaskCanceledException)
        {
            throw NoAnswer(socketPath, failure);
        }
    }

    /// <summary>The lines of an answer that does not end before the agent does.</summary>
    /// <exception cref="IOException">No agent answers: one line with the way out.</exception>
    public static async IAsyncEnumerable<string> LinesAsync(
        string socketPath, string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var client = new HttpClient(Handler(socketPath)) { Timeout = Timeout.InfiniteTimeSpan };
        HttpResponseMessage answer;
        try
        {
            answer = await client.GetAsync(new Uri($"http://localhost{path}"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw NoAnswer(socketPath, failure);
        }

        using (answer)
        {
            await RefuseAsync(answer, cancellationToken);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                yield return line;
            }
        }
    }

    private static SocketsHttpHandler Handler(string socketPath) => new()
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

    /// <summary>What was asked cannot be: the agent says why.</summary>
    private static async Task RefuseAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.StatusCode == HttpStatusCode.BadRequest)
        {
            throw new IOException(await answer.Content.ReadAsStringAsync(cancellationToken));
        }

        answer.EnsureSuccessStatusCode();
    }

    private static IOException NoAnswer(string socketPath, Exception failure) => new(
        $"no node-agent answers on {socketPath}: {failure.InnerException?.Message ?? failure.Message}; "
        + "is it running, with the same --socket, and are you root?",
        failure);
}
