using System.Runtime.InteropServices;

namespace KvStoreMesh.MeshBench.Wire;

/// <summary>The kernel's <c>struct epoll_event</c> of x86-64, which is packed.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct EpollEvent(uint events, int token)
{
    private readonly uint _events = events;
    private readonly int _token = token;
    private readonly int _unused = 0;

    public bool IsWritable => (_events & Epoll.Writable) != 0;

    /// <summary>Also after an error or the peer's end, which the next read tells.</summary>
    public bool IsReadable => (_events & ~Epoll.Writable) != 0;

    public int Token => _token;

    public int Unused => _unused;
}
