using System.Runtime.InteropServices;
using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.Hosting;

/// <summary>
/// The share of the process's open files that connections from outside may take. The runtime does not survive to be
/// without any: it ends as if out of memory. So peers that connect and say nothing must not be able to take the last one.
/// </summary>
internal static partial class OpenFiles
{
    /// <summary>For the runtime, the assemblies it has open, the configuration and the connections to 255 sources.</summary>
    private const long Reserved = 768;

    private const long Required = 1024;

    private const int LimitOfOpenFiles = 7; // RLIMIT_NOFILE

    /// <summary>The most connections that each address may have.</summary>
    /// <param name="files">The process's limit of open files.</param>
    /// <param name="addresses">How many addresses are listened on.</param>
    /// <exception cref="OptionException">The limit is too low to run with.</exception>
    public static long ConnectionsPerAddress(long files, int addresses) => files >= Required
        ? (files - Reserved) / addresses
        : throw new OptionException(
            "run", $"the limit of open files is {files}, at least {Required} are needed, and one more per node agent: raise it (ulimit -n, LimitNOFILE)");

    /// <summary>The limit of this process; the runtime has raised the soft one to the hard one.</summary>
    public static long Limit() =>
        GetLimit(LimitOfOpenFiles, out var limit) == 0 ? (long)Math.Min(limit.Soft, int.MaxValue) : int.MaxValue;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ResourceLimit
    {
        public readonly ulong Soft;
        public readonly ulong Hard;
    }
}
