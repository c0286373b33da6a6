using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class SourceHealthTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SourceFailure Refused = new(SourcePhase.Tcp, "refused");
    private static readonly SourceFailure Compacted = new(SourcePhase.Watch, "compacted", IsCompacted: true);
    private readonly RemoteClusterOptions _options = new();
    private readonly SourceHealth _health;

    public SourceHealthTests() => _health = new(_options, new Random(1));

    [Fact]
    public void Counts_failures_and_keeps_the_last_until_the_source_is_live()
    {
        _health.Failed(Refused, Start);
        _health.Failed(Refused, Start.AddSeconds(1));
        Assert.Equal((2, Start.AddSeconds(1), Refused), (_health.Failures, _health.LastFailure!.Value, _health.LastError!.Value));

        _health.Live(Start.AddSeconds(2));
        Assert.Null(_health.LastError);
        Assert.Equal((2, Start.AddSeconds(1)), (_health.Failures, _health.LastFailure!.Value));
    }

    [Fact]
    public void A_compaction_is_worth_a_relist_a_few_times_in_a_row()
    {
        for (var i = 0; i < _options.CompactionRetries; i++)
        {
            Assert.True(_health.MayRelist(Compacted));
        }

        Assert.False(_health.MayRelist(Compacted));
        _health.Failed(Compacted, Start);
        Assert.True(_health.MayRelist(Compacted));
    }

    [Fact]
    public void A_batch_renews_the_budget_of_relists_and_a_list_alone_does_not()
    {
        for (var i = 0; i < _options.CompactionRetries; i++)
        {
            Assert.True(_health.MayRelist(Compacted));
            _health.Listed(Start);
        }

        Assert.False(_health.MayRelist(Compacted));
        _health.Proved(Start);
        Assert.True(_health.MayRelist(Compacted));
    }

    [Fact]
    public void Any_other_failure_is_no_reason_to_relist() => Assert.False(_health.MayRelist(Refused));

    [Fact]
    public void The_same_failure_after_a_good_time_is_a_warning_again()
    {
        Assert.Equal(LogLevel.Warning, _health.Failed(Refused, Start).Level);
        Assert.Equal(LogLevel.Debug, _health.Failed(Refused, Start.AddSeconds(1)).Level);
        _health.Live(Start.AddSeconds(2));

        Assert.Equal(LogLevel.Warning, _health.Failed(Refused, Start.AddSeconds(2) + _options.BackoffResetAfter).Level);
    }
}
