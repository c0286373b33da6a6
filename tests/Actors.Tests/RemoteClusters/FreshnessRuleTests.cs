using KvStoreMesh.Actors.RemoteClusters;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class FreshnessRuleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);
    private readonly FreshnessRule _rule = new(Timeout);

    [Fact]
    public void A_watch_that_nobody_reads_is_not_stale() => Assert.False(_rule.IsStale(Start + (Timeout * 10)));

    [Fact]
    public void An_absent_heartbeat_is_tolerated_for_as_long_as_any_silence()
    {
        _rule.Waiting(Start);

        Assert.False(_rule.IsStale(Start + Timeout));
        Assert.True(_rule.IsStale(Start + Timeout + TimeSpan.FromTicks(1)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_batch_is_a_proof(bool heartbeat)
    {
        _rule.Waiting(Start);
        _rule.Answered(Start + (Timeout * 0.9), heartbeat);
        _rule.Waiting(Start + (Timeout * 0.9));

        Assert.False(_rule.IsStale(Start + (Timeout * 1.8)));
        Assert.True(_rule.IsStale(Start + (Timeout * 2)));
    }

    [Fact]
    public void Time_spent_on_applying_a_batch_is_not_the_sources_silence()
    {
        _rule.Waiting(Start);
        _rule.Answered(Start, heartbeat: false);

        Assert.False(_rule.IsStale(Start + (Timeout * 3)));
        _rule.Waiting(Start + (Timeout * 3));
        Assert.False(_rule.IsStale(Start + (Timeout * 3.5)));
    }

    [Fact]
    public void The_words_say_how_long_and_what_to_look_at()
    {
        _rule.Waiting(Start);
        Assert.Contains("silent for 130 s", _rule.Describe(Start.AddSeconds(130)), StringComparison.Ordinal);
        Assert.Contains("'cilium/.heartbeat' was not written", _rule.Describe(Start.AddSeconds(130)), StringComparison.Ordinal);

        _rule.Answered(Start.AddSeconds(10), heartbeat: true);
        _rule.Waiting(Start.AddSeconds(10));
        Assert.Contains("last written 121 s ago", _rule.Describe(Start.AddSeconds(131)), StringComparison.Ordinal);
    }
}
