using System.Globalization;
using System.Runtime.InteropServices;

namespace KvStoreMesh.MeshBench.Results;

/// <summary>What the numbers were measured on.</summary>
/// <param name="Cpu">Model and number of cores.</param>
/// <param name="MemoryGb">Of the machine.</param>
/// <param name="Kernel">Its release.</param>
/// <param name="Runtime">.NET's.</param>
/// <param name="Etcd">etcd's version.</param>
/// <param name="LoadAtStart">The 1-minute load average before the run: above about 0.5 others were at work.</param>
public sealed record MachineLine(string Cpu, double MemoryGb, string Kernel, string Runtime, string Etcd, double LoadAtStart)
{
    /// <summary>Reads it.</summary>
    /// <param name="etcdVersion">What <c>etcd --version</c> says.</param>
    public static MachineLine Read(string etcdVersion)
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim();
        var memory = File.ReadLines("/proc/meminfo").First(line => line.StartsWith("MemTotal", StringComparison.Ordinal));
        var kilobytes = double.Parse(memory.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new(
            $"{model ?? RuntimeInformation.ProcessArchitecture.ToString()} × {Environment.ProcessorCount}",
            Math.Round(kilobytes / 1024 / 1024, 1),
            Environment.OSVersion.Version.ToString(),
            RuntimeInformation.FrameworkDescription,
            etcdVersion,
            double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture));
    }
}
