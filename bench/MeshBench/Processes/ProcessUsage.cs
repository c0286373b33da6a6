using System.Globalization;

namespace KvStoreMesh.MeshBench.Processes;

/// <summary>What a process has used, as the kernel accounts it.</summary>
/// <param name="CpuSeconds">User and system time of all its threads.</param>
/// <param name="RssMb">Resident memory now, MB of 2^20 bytes.</param>
/// <param name="PeakRssMb">The highest it has been.</param>
internal readonly record struct ProcessUsage(double CpuSeconds, double RssMb, double PeakRssMb)
{
    // USER_HZ, which is 100 on every Linux that user space sees.
    private const double TicksPerSecond = 100;

    /// <summary>Reads /proc/PID; zeros if the process is gone.</summary>
    public static ProcessUsage Of(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            // "pid (name) state ppid …": the name may hold spaces. utime and stime are fields 14 and 15.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            var status = File.ReadAllLines($"/proc/{processId}/status");
            return new(ticks / TicksPerSecond, Kilobytes(status, "VmRSS:") / 1024.0, Kilobytes(status, "VmHWM:") / 1024.0);
        }
        catch (IOException)
        {
            return default;
        }
    }

    private static long Kilobytes(string[] status, string name)
    {
        var line = Array.Find(status, line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
