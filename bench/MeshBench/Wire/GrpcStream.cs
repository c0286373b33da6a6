using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KvStoreMesh.MeshBench.Wire;

/// <summary>
/// One gRPC call on one HTTP/2 connection of its own (RFC 9113 without TLS, prior knowledge), just as much of it as a
/// long-lived stream needs. Non-blocking; driven by whoever owns the <see cref="Epoll"/>, on one thread.
/// </summary>
/// <remarks>Windows are those of a usual client, 1 MiB, given back by halves; so a stopped reader stops the server as an agent would.</remarks>
internal sealed class GrpcStream : IDisposable
{
    private const int Window = 1 << 20;
    private const int MaxFrame = 64 << 10;

    // What a server takes that has not said otherwise.
    private const int LargestSent = 16 << 10;
    private const int MaxMessage = 64 << 20;

    private readonly Socket _socket;
    private readonly IMessageReader _reader;
    private readonly byte[] _header = new byte[9];
    private readonly byte[] _prefix = new byte[5];
    private int _headerBytes;
    private int _frameLeft;
    private byte _frameType;
    private byte _frameFlags;
    private byte[] _control = [];
    private int _controlBytes;
    private int _prefixBytes;
    private byte[]? _message;
    private int _messageBytes;
    private int _connectionConsumed;
    private int _streamConsumed;
    private byte[] _unsent = [];

    public GrpcStream(IPEndPoint server, string path, IMessageReader reader)
    {
        _reader = reader;
        _socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Connect(server);
        _socket.Blocking = false;
        Send(Opening(server.ToString(), path));
    }

    public nint Descriptor => _socket.Handle;

    /// <summary>Why the stream is over; null while it is not.</summary>
    public string? Ended { get; private set; }

    /// <summary>Something waits for the socket to take it.</summary>
    public bool HasUnsent => _unsent.Length > 0;

    /// <summary>Bytes received, headers included.</summary>
    public long ReceivedBytes { get; private set; }

    /// <summary>Sends a message.</summary>
    public void SendMessage(ReadOnlySpan<byte> message)
    {
        Span<byte> payload = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(payload[1..], message.Length);
        message.CopyTo(payload[5..]);
        while (!payload.IsEmpty)
        {
            var part = payload[..Math.Min(LargestSent, payload.Length)];
            Send(Frame(0, 0, 1, part.ToArray()));
            payload = payload[part.Length..];
        }
    }

    /// <summary>Goes on with what the socket did not take.</summary>
    public void OnWritable()
    {
        var unsent = _unsent;
        _unsent = [];
        Send(unsent);
    }

    /// <summary>Reads what is there, at most one buffer, and hands whole messages to the reader.</summary>
    public void OnReadable(byte[] buffer)
    {
        if (Ended is not null)
        {
            return;
        }

        var count = _socket.Receive(buffer, SocketFlags.None, out var error);
        if (error != SocketError.Success)
        {
            Ended = error == SocketError.WouldBlock ? null : $"the connection broke: {error}";
        }
        else if (count == 0)
        {
            Ended = "the server closed the connection";
        }
        else
        {
            ReceivedBytes += count;
            Take(buffer.AsSpan(0, count));
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Opening(string authority, string path)
    {
        var opening = new List<byte>("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        // SETTINGS: no push, initial window, largest frame.
        opening.AddRange(Frame(4, 0, 0, [0, 2, 0, 0, 0, 0, 0, 4, .. BigEndian(Window), 0, 5, .. BigEndian(MaxFrame)]));
        opening.AddRange(Frame(8, 0, 0, BigEndian(Window - 65_535)));
        // Header fields as literals that are not indexed, so that neither side keeps a table.
        (string Name, string Value)[] fields =
        [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", authority),
            ("content-type", "application/grpc"), ("te", "trailers"), ("user-agent", "meshbench"),
        ];
        var block = new List<byte>();
        foreach (var (name, value) in fields)
        {
            block.AddRange([0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)]);
        }

        opening.AddRange(Frame(1, 4, 1, [.. block]));
        return [.. opening];
    }

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        FrameHeader(frame, payload.Length, type, flags, stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    private static void FrameHeader(Span<byte> frame, int length, byte type, byte flags, int stream)
    {
        BinaryPrimitives.WriteInt32BigEndian(frame, (length << 8) | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame[5..], stream);
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && Ended is null)
        {
            if (_headerBytes < 9)
            {
                var part = Math.Min(9 - _headerBytes, bytes.Length);
                bytes[..part].CopyTo(_header.AsSpan(_headerBytes));
                _headerBytes += part;
                bytes = bytes[part..];
                if (_headerBytes < 9)
                {
                    return;
                }

                BeginFrame();
            }

            var payload = bytes[..Math.Min(_frameLeft, bytes.Length)];
            bytes = bytes[payload.Length..];
            _frameLeft -= payload.Length;
            if (_frameType == 0)
            {
                TakeData(payload);
            }
            else
            {
                payload.CopyTo(_control.AsSpan(_controlBytes));
                _controlBytes += payload.Length;
            }

            if (_frameLeft == 0)
            {
                EndFrame();
            }
        }
    }

    private void BeginFrame()
    {
        _frameLeft = BinaryPrimitives.ReadInt32BigEndian(_header) >>> 8;
        (_frameType, _frameFlags) = (_header[3], _header[4]);
        if (_frameType == 0)
        {
            // Flow control counts from the header on: the rest follows anyway.
            Consumed(_frameLeft);
            Ended = (_frameFlags & 8) != 0 ? "the server pads its frames, which this client does not understand" : null;
        }
        else
        {
            _controlBytes = 0;
            _control = _frameLeft > _control.Length ? new byte[_frameLeft] : _control;
        }
    }

    private void EndFrame()
    {
        _headerBytes = 0;
        var control = _control.AsSpan(0, _controlBytes);
        switch (_frameType)
        {
            case 0 when (_frameFlags & 1) != 0:
            case 1 when (_frameFlags & 1) != 0:
                // The trailers hold a status; decoding HPACK's Huffman code for it is not worth it here.
                Ended = $"the server ended the stream{Readable(control)}";
                break;
            case 3:
                Ended = $"the server reset the stream, HTTP/2 error {BinaryPrimitives.ReadInt32BigEndian(control)}";
                break;
            case 4 when (_frameFlags & 1) == 0:
                Send(Frame(4, 1, 0, []));
                break;
            case 6 when (_frameFlags & 1) == 0:
                Send(Frame(6, 1, 0, control.ToArray()));
                break;
            case 7:
                Ended = $"the server says goodbye, HTTP/2 error {BinaryPrimitives.ReadInt32BigEndian(control[4..])}";
                break;
        }
    }

    private static string Readable(ReadOnlySpan<byte> control)
    {
        var text = new string([.. Encoding.Latin1.GetString(control).Where(c => c is >= ' ' and <= '~')]);
        return text.Length == 0 ? string.Empty : $" ({text})";
    }

    private void TakeData(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_message is null)
            {
                var part = Math.Min(5 - _prefixBytes, data.Length);
                data[..part].CopyTo(_prefix.AsSpan(_prefixBytes));
                _prefixBytes += part;
                data = data[part..];
                if (_prefixBytes < 5)
                {
                    return;
                }

                var length = BinaryPrimitives.ReadInt32BigEndian(_prefix.AsSpan(1));
                if (length is < 0 or > MaxMessage || _prefix[0] != 0)
                {
                    Ended = $"a message of {length} bytes, compressed: {_prefix[0]}";
                    return;
                }

                if (data.Length >= length)
                {
                    // The usual case: no copy.
                    _prefixBytes = 0;
                    _reader.OnMessage(data[..length]);
                    data = data[length..];
                    continue;
                }

                (_message, _messageBytes) = (ArrayPool<byte>.Shared.Rent(length), 0);
            }

            var whole = BinaryPrimitives.ReadInt32BigEndian(_prefix.AsSpan(1));
            var piece = Math.Min(whole - _messageBytes, data.Length);
            data[..piece].CopyTo(_message.AsSpan(_messageBytes));
            _messageBytes += piece;
            data = data[piece..];
            if (_messageBytes == whole)
            {
                var message = _message;
                (_message, _prefixBytes) = (null, 0);
                _reader.OnMessage(message.AsSpan(0, whole));
                ArrayPool<byte>.Shared.Return(message);
            }
        }
    }

    private void Consumed(int bytes)
    {
        _connectionConsumed += bytes;
        _streamConsumed += bytes;
        if (_streamConsumed >= Window / 2)
        {
            Send([.. Frame(8, 0, 0, BigEndian(_connectionConsumed)), .. Frame(8, 0, 1, BigEndian(_streamConsumed))]);
            (_connectionConsumed, _streamConsumed) = (0, 0);
        }
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        if (_unsent.Length > 0)
        {
            _unsent = [.. _unsent, .. bytes];
            return;
        }

        var sent = _socket.Send(bytes, SocketFlags.None, out var error);
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            Ended ??= $"the connection broke: {error}";
        }
        else if (error == SocketError.WouldBlock || sent < bytes.Length)
        {
            _unsent = bytes[(error == SocketError.WouldBlock ? 0 : sent)..].ToArray();
        }
    }
}
