using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Syscalls;

/// <summary><c>struct pollfd</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct PollDescriptor
{
    public const short Readable = 1; // POLLIN

    [FieldOffset(0)] public int Fd;
    [FieldOffset(4)] public short Wanted;
    [FieldOffset(6)] public short Returned;
}
