using System.ComponentModel;
using System.Runtime.InteropServices;

namespace KvStoreMesh.TestSupport.Kernel;

/// <summary>Runs code with fewer capabilities. Linux keeps them per thread, so it takes a thread of its own and no child process.</summary>
public static unsafe partial class ReducedCapabilities
{
    public const int NetAdmin = 12;
    public const int Bpf = 39;

    private const uint Version3 = 0x20080522;

    /// <summary>Runs code on a thread that has these capabilities and no other.</summary>
    public static T Run<T>(IEnumerable<int> kept, Func<T> code) => DedicatedThread.Run(() =>
    {
        ulong mask = kept.Aggregate(0ul, (bits, capability) => bits | 1ul << capability);
        uint* header = stackalloc uint[2] { Version3, 0 };

        // effective, permitted, inheritable: the lower 32 bits of each, then the upper.
        uint* data = stackalloc uint[6] { (uint)mask, (uint)mask, 0, (uint)(mask >> 32), (uint)(mask >> 32), 0 };
        return SetCapabilities(header, data) == 0 ? code() : throw new Win32Exception(Marshal.GetLastPInvokeError(), "capset");
    });

    [LibraryImport("libc", EntryPoint = "capset", SetLastError = true)]
    private static partial int SetCapabilities(uint* header, uint* data);
}
