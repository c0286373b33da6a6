using System.Diagnostics;

namespace KvStoreMesh.Lab.World;

/// <summary>Waits for a state.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Looks until the condition holds; returns how long it took.</summary>
    public static async Task<TimeSpan> HoldsAsync(string what, Func<Task<bool>> condition, Func<string>? because = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > Limit)
            {
                Assert.Fail($"waited {Limit.TotalSeconds} s in vain for: {what}\n{because?.Invoke()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, CancellationToken.None);
        }

        return watch.Elapsed;
    }
}
