using System.Globalization;

namespace KvStoreMesh.TestSupport.Kernel;

/// <summary>
/// A threaded cgroup below the one this process is in, so that single threads can join it. The kernel notes a socket's
/// cgroup when the socket is made: sockets made inside stay inside, whichever thread uses them.
/// </summary>
public sealed class CgroupDir : IDisposable
{
    private readonly string _home;

    public CgroupDir()
    {
        string root = KernelPrerequisites.Demand().CgroupRoot;
        string own = File.ReadLines("/proc/self/cgroup").First(line => line.StartsWith("0::", StringComparison.Ordinal))[3..];
        _home = System.IO.Path.Join(root, own);
        Path = System.IO.Path.Combine(_home, UniqueName.Next());
        Directory.CreateDirectory(Path);
        try
        {
            File.WriteAllText(System.IO.Path.Combine(Path, "cgroup.type"), "threaded");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>Runs code on a thread of its own inside. It must not await: a continuation would run outside.</summary>
    public T Run<T>(Func<T> code) => DedicatedThread.Run(() =>
    {
        Move(Path);
        try
        {
            return code();
        }
        finally
        {
            // A thread that has ended still counts for a moment, and the directory could not be removed.
            Move(_home);
        }
    });

    public void Dispose() => Directory.Delete(Path);

    private static void Move(string cgroup) => File.WriteAllText(
        System.IO.Path.Combine(cgroup, "cgroup.threads"), KernelCalls.ThreadId.ToString(CultureInfo.InvariantCulture));
}
