using KvStoreMesh.Actors.RemoteClusters;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class FailureLogRuleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly FailureLogRule _rule = new(TimeSpan.FromMinutes(10));

    [Fact]
    public void A_failure_that_repeats_is_a_warning_once_in_an_interval()
    {
        var warnings = Enumerable.Range(0, 60).Count(minute => _rule.LevelOf("refused", Start.AddMinutes(minute)) == LogLevel.Warning);

        Assert.Equal(6, warnings);
    }

    [Fact]
    public void Another_failure_is_a_warning_at_once()
    {
        Assert.Equal(LogLevel.Warning, _rule.LevelOf("refused", Start));
        Assert.Equal(LogLevel.Debug, _rule.LevelOf("refused", Start));
        Assert.Equal(LogLevel.Warning, _rule.LevelOf("certificate expired", Start));
        Assert.Equal(LogLevel.Warning, _rule.LevelOf("refused", Start));
    }

    [Fact]
    public void After_a_time_without_failure_the_same_one_is_news()
    {
        _rule.LevelOf("refused", Start);
        _rule.Reset();

        Assert.Equal(LogLevel.Warning, _rule.LevelOf("refused", Start));
    }
}
