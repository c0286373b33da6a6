using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KvStoreMesh.Replicator.Options;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.Commands;

/// <summary>Asks a running daemon.</summary>
internal sealed class DaemonClient : IDisposable
{
    // A status of 255 clusters and 5,000 subscribers has about 3 MB.
    private const int MaxBytes = 64 << 20;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly string _address;
    private readonly HttpClient _http;

    /// <summary>Creates a client; nothing is sent yet.</summary>
    /// <exception cref="OptionException">The address is not one.</exception>
    public DaemonClient(string address)
    {
        _address = address;
        _http = Uri.TryCreate($"http://{address}", UriKind.Absolute, out var daemon)
            ? new HttpClient { BaseAddress = daemon, Timeout = Timeout, MaxResponseContentBufferSize = MaxBytes }
            : throw new OptionException("--http", $"'{address}' {ListenAddress.Rule}");
    }

    /// <summary>Everything, as the daemon wrote it.</summary>
    /// <exception cref="DaemonException">No daemon answered.</exception>
    public Task<string> StatusTextAsync(CancellationToken cancellationToken) =>
        AskAsync("/v1/status", cancellationToken);

    /// <summary>Everything.</summary>
    /// <exception cref="DaemonException">No daemon answered, or not as one.</exception>
    public async Task<StatusModel> StatusAsync(CancellationToken cancellationToken) =>
        Parse(await StatusTextAsync(cancellationToken), StatusJson.Full.StatusModel);

    /// <summary>The answer to a path, as text.</summary>
    /// <exception cref="DaemonException">No daemon answered.</exception>
    public async Task<string> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.GetStringAsync(path, cancellationToken);
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new DaemonException($"{failure.Message} (is kvstoremesh running with --http {_address}?)");
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private T Parse<T>(string text, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException("null");
        }
        catch (JsonException failure)
        {
            throw new DaemonException($"what answers at {_address} is not a kvstoremesh of this version: {failure.Message}");
        }
    }
}
