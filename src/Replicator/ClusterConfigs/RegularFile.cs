using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KvStoreMesh.Replicator.ClusterConfigs;

/// <summary>
/// Opens files that may be anything. .NET's own open of a pipe waits for the other end, and with it would the watcher,
/// and the start or the stop of the daemon.
/// </summary>
internal static partial class RegularFile
{
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000; // O_NONBLOCK | O_CLOEXEC of Linux on x86-64 and ARM64
    private const int NoSuchFile = 2; // ENOENT

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="FileNotFoundException">It does not exist, or is a link to nothing.</exception>
    /// <exception cref="IOException">It cannot be opened, or is a pipe or a socket.</exception>
    public static FileStream OpenRead(string path)
    {
        var file = new SafeFileHandle(Open(path, NonBlockingCloseOnExec), ownsHandle: true);
        if (file.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            throw error == NoSuchFile
                ? new FileNotFoundException(null, path)
                : new IOException(Marshal.GetPInvokeErrorMessage(error));
        }

        var stream = new FileStream(file, FileAccess.Read);
        if (stream.CanSeek)
        {
            return stream;
        }

        stream.Dispose();
        throw new IOException("it is a pipe or the like, no regular file");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int flags);
}
