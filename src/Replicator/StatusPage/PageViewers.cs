namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>Those who look at the page now: each gets the newest frame every second, as a server-sent event.</summary>
/// <remarks>No queue: one who reads slowly skips frames, and one who takes no byte for a while is let go.</remarks>
internal sealed class PageViewers(PageFrames frames, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>So many at once; more are refused.</summary>
    public const int Max = 64;

    /// <summary>The time between two events: how old what is shown can be.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(10);

    private int _count;

    /// <summary>Serves one until it leaves or the daemon stops.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _count) > Max)
        {
            Interlocked.Decrement(ref _count);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "10";
            await context.Response.WriteAsync($"{Max} viewers look already: close one, or reload the page by hand\n", context.RequestAborted);
            return;
        }

        // The server would wait for open responses before it stops.
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var tick = new PeriodicTimer(Interval, time);
        try
        {
            context.Response.ContentType = "text/event-stream";
            do
            {
                using var limit = new CancellationTokenSource(WriteTimeout, time);
                using var write = CancellationTokenSource.CreateLinkedTokenSource(leaving.Token, limit.Token);
                await context.Response.Body.WriteAsync(frames.Latest().Event, write.Token);
                await context.Response.Body.FlushAsync(write.Token);
            }
            while (await tick.WaitForNextTickAsync(leaving.Token));
        }
        catch (OperationCanceledException)
        {
            // One who takes nothing leaves bytes behind that nobody waits for.
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
