namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>When a source is compared next. Jittered, so that clusters which started together are not listed together.</summary>
internal static class AuditSchedule
{
    /// <summary>The interval, longer for a source so large that listing it that often would exceed the byte budget.</summary>
    /// <param name="options">Interval and budget.</param>
    /// <param name="bytes">What one comparison reads.</param>
    /// <param name="random">The jitter, a quarter to both sides.</param>
    public static TimeSpan Next(RemoteClusterOptions options, long bytes, Random random)
    {
        var budgeted = TimeSpan.FromSeconds((double)bytes / Math.Max(1, options.AuditBytesPerSecond));
        return (budgeted > options.AuditInterval ? budgeted : options.AuditInterval) * (0.75 + (random.NextDouble() / 2));
    }
}
