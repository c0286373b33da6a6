using Akka.TestKit;

namespace KvStoreMesh.Actors.Tests.Support;

/// <summary>Timestamps from Akka's virtual scheduler, so that a test has one clock to move.</summary>
internal sealed class SchedulerTimeProvider : TimeProvider
{
    private volatile TestScheduler? _scheduler;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Attach(TestScheduler scheduler) => _scheduler = scheduler;

    public override DateTimeOffset GetUtcNow() => _scheduler?.Now ?? DateTimeOffset.UnixEpoch;

    public override long GetTimestamp() => GetUtcNow().UtcTicks;
}
