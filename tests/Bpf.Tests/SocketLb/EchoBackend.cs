using System.Net;
using System.Net.Sockets;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

/// <summary>A TCP and UDP server on an address of its own in 127/8. It answers whatever it hears with its name, one byte.</summary>
internal sealed class EchoBackend : IDisposable
{
    private readonly Socket _tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public EchoBackend(byte name)
    {
        Name = name;
        _tcp.Bind(new IPEndPoint(new IPAddress([127, name, 0, 2]), 0));
        _tcp.Listen(1024);
        _udp.Bind(new IPEndPoint(new IPAddress([127, name, 0, 2]), 0));
        _ = Task.Run(AcceptAsync);
        _ = Task.Run(AnswerDatagramsAsync);
    }

    /// <summary>Also the second byte of its address.</summary>
    public byte Name { get; }

    public IPEndPoint Tcp => (IPEndPoint)_tcp.LocalEndPoint!;

    public IPEndPoint Udp => (IPEndPoint)_udp.LocalEndPoint!;

    public void Dispose()
    {
        _tcp.Dispose();
        _udp.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _tcp.AcceptAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: the end of the test.
        }
    }

    private async Task AnswerAsync(Socket connection)
    {
        using (connection)
        {
            byte[] buffer = new byte[1];
            try
            {
                while (await connection.ReceiveAsync(buffer) == 1)
                {
                    await connection.SendAsync(new[] { Name });
                }
            }
            catch (SocketException)
            {
                // The client went away.
            }
        }
    }

    private async Task AnswerDatagramsAsync()
    {
        byte[] buffer = new byte[16];
        try
        {
            while (true)
            {
                SocketReceiveFromResult heard = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                await _udp.SendToAsync(new[] { Name }, heard.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: the end of the test.
        }
    }
}
