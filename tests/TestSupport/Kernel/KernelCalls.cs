using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KvStoreMesh.TestSupport.Kernel;

/// <summary>Calls that change the calling thread only.</summary>
internal static partial class KernelCalls
{
    private const int NewNetworkNamespace = 0x40000000;

    public static int ThreadId => GetThreadId();

    public static void EnterNetworkNamespace(string path)
    {
        // No FileStream: it seeks, and a namespace's file does not.
        using SafeFileHandle file = File.OpenHandle(path);
        if (SetNamespace(file, NewNetworkNamespace) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "setns " + path);
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle fd, int type);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
