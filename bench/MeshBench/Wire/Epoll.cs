using System.ComponentModel;
using System.Runtime.InteropServices;

namespace KvStoreMesh.MeshBench.Wire;

/// <summary>epoll(7), level-triggered, for reading and, where asked, for writing. One thread.</summary>
/// <remarks>
/// The platform's asynchronous sockets cost a queued work item per readiness; with thousands of connections on a core that
/// is shared with what is measured, one loop over ready sockets and one buffer for all is several times cheaper.
/// </remarks>
internal sealed partial class Epoll : IDisposable
{
    public const uint Readable = 0x001;
    public const uint Writable = 0x004;
    private const int Add = 1;
    private const int Remove = 2;
    private const int Modify = 3;

    private readonly int _epoll = Check(epoll_create1(0x80000));
    private readonly EpollEvent[] _events = new EpollEvent[512];

    public void Watch(nint socket, int token) => Control(Add, socket, token, Readable);

    public void Change(nint socket, int token, uint events) => Control(Modify, socket, token, events);

    public void Forget(nint socket) => Control(Remove, socket, 0, 0);

    /// <summary>Waits for ready sockets; tokens and what they are ready for.</summary>
    public unsafe ReadOnlySpan<EpollEvent> Wait(int milliseconds)
    {
        fixed (EpollEvent* events = _events)
        {
            var count = epoll_wait(_epoll, events, _events.Length, milliseconds);
            return count <= 0 ? [] : _events.AsSpan(0, count);
        }
    }

    public void Dispose() => _ = close(_epoll);

    private unsafe void Control(int operation, nint socket, int token, uint events)
    {
        var wanted = new EpollEvent(events, token);
        Check(epoll_ctl(_epoll, operation, (int)socket, &wanted));
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int epoll_ctl(int epoll, int operation, int socket, EpollEvent* wanted);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int epoll_wait(int epoll, EpollEvent* events, int max, int milliseconds);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
