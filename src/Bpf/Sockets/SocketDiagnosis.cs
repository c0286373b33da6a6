using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Sockets;

/// <summary>
/// The kernel's socket diagnosis over netlink (<c>linux/inet_diag.h</c>): lists connected sockets of the calling thread's network
/// namespace, and closes some. Needs CAP_NET_ADMIN. Whoever uses a closed socket gets ECONNABORTED.
/// </summary>
internal sealed unsafe class SocketDiagnosis : IDisposable
{
    private const int AddressFamilyNetlink = 16;
    private const int SocketRawCloseOnExec = 3 | 0x80000;
    private const int NetlinkSocketDiagnosis = 4;
    private const ushort ByFamily = 20;
    private const ushort Destroy = 21;
    private const ushort Error = 2;
    private const ushort Done = 3;
    private const ushort Request = 1;
    private const ushort Acknowledge = 4;
    private const ushort Dump = 0x300;
    private const int HeaderLength = 16;
    private const int RequestLength = 56;
    private const int IdOffset = 4;
    private const int IdLength = 48;
    private const byte InterNetwork = 2;
    private const byte InterNetwork6 = 10;

    // Every state but LISTEN: TIME_WAIT and the like have no socket that an application could use, and are not found by their cookie.
    private const uint States = 0xfff & ~(1u << 10);

    private readonly SafeBpfHandle _netlink;
    private readonly byte[] _buffer = new byte[1 << 16];

    /// <exception cref="BpfException">The kernel has no socket diagnosis.</exception>
    public SocketDiagnosis()
    {
        int fd = Libc.Socket(AddressFamilyNetlink, SocketRawCloseOnExec, NetlinkSocketDiagnosis);
        _netlink = fd >= 0 ? new(fd) : throw BpfException.For("open", "a netlink socket for socket diagnosis", Libc.LastError, null);
    }

    /// <summary>Closes the connected sockets of this namespace that are chosen; returns how many.</summary>
    /// <param name="protocol">6 for TCP, 17 for UDP.</param>
    /// <param name="isChosen">Says which.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public int Close(byte protocol, Func<InetSocket, bool> isChosen)
    {
        List<byte[]> chosen = [];
        foreach (byte family in (byte[])[InterNetwork, InterNetwork6])
        {
            Send(ByFamily, Request | Dump, RequestOf(family, protocol, States, default));
            while (Receive(message => Take(message, isChosen, chosen)))
            {
            }
        }

        return chosen.Count(socket => CloseOne(protocol, socket));
    }

    public void Dispose() => _netlink.Dispose();

    private static byte[] RequestOf(byte family, byte protocol, uint states, ReadOnlySpan<byte> id)
    {
        byte[] request = new byte[RequestLength];
        (request[0], request[1]) = (family, protocol);
        MemoryMarshal.Write(request.AsSpan(4), states);
        id.CopyTo(request.AsSpan(8));
        return request;
    }

    /// <summary>Keeps family and id of a chosen socket: <c>struct inet_diag_msg</c> up to the end of its id.</summary>
    private static void Take(ReadOnlySpan<byte> message, Func<InetSocket, bool> isChosen, List<byte[]> chosen)
    {
        ReadOnlySpan<byte> id = message.Slice(IdOffset, IdLength);
        bool six = message[0] == InterNetwork6;
        var address = new IPAddress(id.Slice(20, six ? 16 : 4));
        var peer = new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, BinaryPrimitives.ReadUInt16BigEndian(id[2..]));
        if (peer.Port != 0 && isChosen(new(MemoryMarshal.Read<ulong>(id[40..]), peer)))
        {
            chosen.Add(message[..(IdOffset + IdLength)].ToArray());
        }
    }

    /// <summary>False for a socket that has been closed meanwhile.</summary>
    private bool CloseOne(byte protocol, byte[] socket)
    {
        Send(Destroy, Request | Acknowledge, RequestOf(socket[0], protocol, States, socket.AsSpan(IdOffset)));
        int result = 0;
        while (Receive(_ => { }, error => result = error))
        {
        }

        return result switch
        {
            0 => true,
            -Errno.ENOENT => false,
            _ => throw BpfException.For("close", "a socket", -result, result == -Errno.EPERM ? "CAP_NET_ADMIN is needed in its network namespace" : null),
        };
    }

    private void Send(ushort type, ushort flags, byte[] request)
    {
        Span<byte> message = stackalloc byte[HeaderLength + RequestLength];
        message.Clear();
        MemoryMarshal.Write(message, message.Length);
        MemoryMarshal.Write(message[4..], type);
        MemoryMarshal.Write(message[6..], flags);
        request.CopyTo(message[HeaderLength..]);
        using SafeBpfHandle.Lease held = _netlink.Hold();
        fixed (byte* bytes = message)
        {
            if (Libc.Send(held.Fd, bytes, (nuint)message.Length, 0) < 0)
            {
                throw BpfException.For("ask", "the socket diagnosis", Libc.LastError, null);
            }
        }
    }

    /// <summary>One datagram of the answer; false when it was the last.</summary>
    private bool Receive(MessageAction take, Action<int>? failed = null)
    {
        nint length;
        using (SafeBpfHandle.Lease held = _netlink.Hold())
        {
            fixed (byte* bytes = _buffer)
            {
                do
                {
                    length = Libc.Receive(held.Fd, bytes, (nuint)_buffer.Length, 0);
                }
                while (length < 0 && Libc.LastError == Errno.EINTR);
            }
        }

        if (length < 0)
        {
            throw BpfException.For("read", "the socket diagnosis", Libc.LastError, null);
        }

        ReadOnlySpan<byte> answer = _buffer.AsSpan(0, (int)length);
        while (answer.Length >= HeaderLength)
        {
            int size = MemoryMarshal.Read<int>(answer);
            ushort type = MemoryMarshal.Read<ushort>(answer[4..]);
            if (type == Done)
            {
                return false;
            }

            if (type == Error)
            {
                int error = MemoryMarshal.Read<int>(answer[HeaderLength..]);
                return failed is null && error is not (0 or -Errno.ENOENT) ? throw BpfException.For("list", "sockets", -error, null) : Tell(failed, error);
            }

            take(answer[HeaderLength..size]);
            answer = answer[Math.Min(answer.Length, (size + 3) & ~3)..];
        }

        return true;
    }

    private static bool Tell(Action<int>? failed, int error)
    {
        failed?.Invoke(error);
        return false;
    }

    private delegate void MessageAction(ReadOnlySpan<byte> message);
}
