using System.Globalization;
using KvStoreMesh.MeshBench.Fleet;

namespace KvStoreMesh.MeshBench.Processes;

/// <summary>Subscribers in a process of their own.</summary>
internal sealed class FleetProcess : ChildProcess
{
    private FleetProcess(IEnumerable<string> arguments)
        : base("subscribers", Programs.MeshBench, arguments, isConversing: true)
    {
    }

    /// <summary>Starts it; nobody connects before <see cref="ConnectAsync"/>.</summary>
    /// <param name="system">Whom they talk to.</param>
    /// <param name="ports">Where, in turn.</param>
    /// <param name="sources">What their content is compared with, see <see cref="SourceContent"/>.</param>
    /// <param name="heartbeatMs">The heartbeat asked for; a daemon tells by it where a subscriber stands.</param>
    public static FleetProcess Start(FleetSystem system, IEnumerable<int> ports, IEnumerable<string> sources, int heartbeatMs = 5_000) => new(
    [
        "subscribe", "--control", "--system", system.ToString(), "--heartbeat-ms", heartbeatMs.ToString(CultureInfo.InvariantCulture),
        .. ports.SelectMany(port => (string[])["--server", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")]),
        .. sources.SelectMany(source => (string[])["--source", source]),
    ]);

    /// <summary>Has so many subscribers connect, and waits until all of them hold all there is.</summary>
    public async Task ConnectAsync(int count, TimeSpan limit, CancellationToken cancellationToken)
    {
        await AskAsync<int>($"want {count}", cancellationToken);
        await WaitUntilReadyAsync(count, limit, cancellationToken);
    }

    /// <summary>Waits until so many hold all there is.</summary>
    public Task WaitUntilReadyAsync(int count, TimeSpan limit, CancellationToken cancellationToken) => WaitUntilAsync(
        async () =>
        {
            var stats = await StatsAsync(cancellationToken);
            return stats.Ended <= count * 3 ? stats.Ready >= count : throw Fail($"cannot stay connected: {stats.LastEnd}");
        },
        limit, "ready", cancellationToken);

    public Task<FleetStats> StatsAsync(CancellationToken cancellationToken) => AskAsync<FleetStats>("stats", cancellationToken);

    /// <summary>Compares all content with the sources until it is equal or the time is over.</summary>
    /// <param name="count">So many must be equal.</param>
    /// <param name="limit">The time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="reference">Other sources than those it was started with.</param>
    public async Task<FleetVerdict> VerifyAsync(
        int count, TimeSpan limit, CancellationToken cancellationToken, IReadOnlyList<string>? reference = null)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            var verdict = await AskAsync<FleetVerdict>($"verify {string.Join(' ', reference ?? [])}", cancellationToken);
            if (verdict.Matching >= count || System.Diagnostics.Stopwatch.GetElapsedTime(started) > limit)
            {
                return verdict;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }
    }
}
