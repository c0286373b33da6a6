using System.Diagnostics;

namespace KvStoreMesh.NodeAgent.Metrics;

/// <summary>What this process uses.</summary>
/// <param name="CpuSeconds">Processor time since its start.</param>
/// <param name="ResidentBytes">Memory in RAM.</param>
/// <param name="ManagedBytes">Of it, the garbage collector's heap.</param>
/// <param name="OpenFiles">File descriptors; 0 where they cannot be counted.</param>
internal readonly record struct ProcessSample(double CpuSeconds, long ResidentBytes, long ManagedBytes, int OpenFiles)
{
    /// <summary>As of now.</summary>
    public static ProcessSample Take()
    {
        using var process = Process.GetCurrentProcess();
        var files = Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;
        return new(process.TotalProcessorTime.TotalSeconds, process.WorkingSet64, GC.GetTotalMemory(forceFullCollection: false), files);
    }
}
