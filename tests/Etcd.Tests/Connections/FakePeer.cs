using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KvStoreMesh.Etcd.Tests.Connections;

/// <summary>Something that listens on a port and is no etcd.</summary>
internal sealed class FakePeer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _clients = [];
    private readonly Func<NetworkStream, CancellationToken, Task> _answer;
    private readonly Task _accepting;

    private FakePeer(Func<NetworkStream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Accepts, and never says anything.</summary>
    public static FakePeer Silent() => new((_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));

    /// <summary>Answers everything with HTTP/1.1.</summary>
    public static FakePeer Http1() => new(async (stream, token) =>
    {
        var buffer = new byte[1024];
        await stream.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, token);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), token);
    });

    /// <summary>Accepts and hangs up.</summary>
    public static FakePeer HangsUp() => new((_, _) => Task.CompletedTask);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _clients.ForEach(client => client.Dispose());
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _clients.Add(client);
            _ = AnswerAsync(client);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            await _answer(client.GetStream(), _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The peer or the test is gone.
        }

        client.Dispose();
    }
}
