using System.ComponentModel;
using System.Runtime.InteropServices;

namespace KvStoreMesh.TestSupport.Kernel;

/// <summary>Calls that change the calling thread only.</summary>
internal static partial class KernelCalls
{
    private const int NewNetworkNamespace = 0x40000000;

    public static int ThreadId => GetThreadId();

    public static void EnterNetworkNamespace(string path)
    {
        using FileStream file = File.OpenRead(path);
        if (SetNamespace((int)file.SafeFileHandle.DangerousGetHandle(), NewNetworkNamespace) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "setns " + path);
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int fd, int type);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
