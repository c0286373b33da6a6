using System.Diagnostics;
using KvStoreMesh.MeshBench.Processes;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>What processes use from its creation on.</summary>
internal sealed class UsageWindow(params IReadOnlyList<ChildProcess> processes)
{
    private readonly double[] _before = [.. processes.Select(process => ProcessUsage.Of(process.Id).CpuSeconds)];
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>Time since.</summary>
    public double Seconds => Stopwatch.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Time up to a moment of the monotonic clock; up to now if it is before the window.</summary>
    public double SecondsUntil(long timestamp) => timestamp > _started ? Stopwatch.GetElapsedTime(_started, timestamp).TotalSeconds : Seconds;

    /// <summary>CPU seconds since, of each process by name.</summary>
    public Dictionary<string, double> CpuSeconds()
    {
        var used = new Dictionary<string, double>();
        for (var i = 0; i < processes.Count; i++)
        {
            var name = processes[i].Name.Replace(' ', '_').Replace('-', '_');
            used[name] = Math.Round(used.GetValueOrDefault(name) + ProcessUsage.Of(processes[i].Id).CpuSeconds - _before[i], 2);
        }

        return used;
    }
}
