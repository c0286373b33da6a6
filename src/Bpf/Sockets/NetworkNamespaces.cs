using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Sockets;

/// <summary>Runs code in the network namespaces of this machine's processes: a pod's sockets are in its own.</summary>
internal static class NetworkNamespaces
{
    private const int NewNet = 0x40000000;

    /// <summary>
    /// Runs it once in each, the own one first, on a thread that ends with it. Those that may not be entered, which takes CAP_SYS_ADMIN and
    /// CAP_SYS_PTRACE, are passed over.
    /// </summary>
    /// <returns>How many could not be entered.</returns>
    public static int RunInEach(Action code)
    {
        var refused = 0;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                code();
                HashSet<string> seen = [.. Name("/proc/self/ns/net") is { } own ? (string[])[own] : []];
                foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
                {
                    // Threads' own namespaces are not looked for: pods are processes.
                    var path = process + "/ns/net";
                    if (Name(path) is { } name && seen.Add(name))
                    {
                        if (Enter(path))
                        {
                            code();
                        }
                        else
                        {
                            refused++;
                        }
                    }
                }
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? refused : throw failure;
    }

    private static string? Name(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool Enter(string path)
    {
        int fd = Libc.Open(path, Libc.OpenCloseOnExec);
        if (fd < 0)
        {
            return false;
        }

        using var handle = new SafeBpfHandle(fd);
        using SafeBpfHandle.Lease held = handle.Hold();
        return Libc.SetNamespace(held.Fd, NewNet) >= 0;
    }
}
