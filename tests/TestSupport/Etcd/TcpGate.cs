using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace KvStoreMesh.TestSupport.Etcd;

/// <summary>A TCP port in front of another one, which a test can close and open: the network between a daemon and its source.</summary>
public sealed class TcpGate : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Socket, Socket> _pairs = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _isClosed;

    /// <summary>Opens a free port of the loopback in front of another one.</summary>
    public TcpGate(int target)
    {
        _target = target;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>The port to connect to.</summary>
    public int Port { get; }

    /// <summary>Connections that were let through since the start.</summary>
    public int Passed { get; private set; }

    /// <summary>Cuts every connection, and lets none through.</summary>
    public void Close()
    {
        _isClosed = true;
        Cut();
    }

    /// <summary>Lets connections through again.</summary>
    public void Open() => _isClosed = false;

    /// <summary>Cuts every connection; new ones are let through.</summary>
    public void Cut()
    {
        foreach (var (near, far) in _pairs)
        {
            near.Dispose();
            far.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        Close();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var near = await _listener.AcceptAsync(_end.Token);
            if (_isClosed)
            {
                near.Dispose();
                continue;
            }

            _ = PassAsync(near);
        }
    }

    private async Task PassAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        _pairs[near] = far;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
            Passed++;
            await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
        }
        catch (SocketException)
        {
            // Nobody listens there now, which the client learns by the end of its connection.
        }
        finally
        {
            _pairs.TryRemove(near, out _);
            near.Dispose();
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
            {
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }
}
