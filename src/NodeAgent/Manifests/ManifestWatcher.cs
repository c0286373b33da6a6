namespace KvStoreMesh.NodeAgent.Manifests;

/// <summary>
/// Looks at a directory again and again. By time and not by inotify, which misses what happens behind links and mounts; a look at
/// unchanged files costs one stat each.
/// </summary>
internal static class ManifestWatcher
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Runs until cancelled; <paramref name="take"/> gets what changed.</summary>
    public static async Task RunAsync(
        ManifestDirectory directory, Func<ManifestReading, CancellationToken, Task> take, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (directory.Look() is { } changed)
            {
                await take(changed, cancellationToken);
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }
}
