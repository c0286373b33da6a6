using CsCheck;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class ReconnectBackoffTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ResetAfter = TimeSpan.FromSeconds(30);

    [Fact]
    public void Each_delay_is_below_a_ceiling_that_doubles_up_to_the_cap() =>
        Gen.Select(Gen.Int, Gen.Int[1, 100]).Sample((seed, failures) =>
        {
            var backoff = new ReconnectBackoff(Min, Max, ResetAfter, new Random(seed));
            var ceiling = Min;
            for (var i = 0; i < failures; i++)
            {
                var delay = backoff.Failed(Start);
                Assert.InRange(delay, TimeSpan.Zero, ceiling);
                ceiling = ceiling * 2 < Max ? ceiling * 2 : Max;
            }
        });

    [Fact]
    public void The_jitter_uses_the_whole_range()
    {
        var backoff = new ReconnectBackoff(Min, Max, ResetAfter, new Random(1));
        var delays = Enumerable.Range(0, 1000).Select(_ => backoff.Failed(Start)).Skip(20).ToArray();

        Assert.Contains(delays, delay => delay < Max * 0.1);
        Assert.Contains(delays, delay => delay > Max * 0.9);
        Assert.InRange(delays.Average(delay => delay.TotalSeconds), 12, 18);
    }

    [Fact]
    public void A_source_that_was_live_for_a_while_starts_again_at_the_minimum()
    {
        var backoff = Worn();

        backoff.Succeeded(Start);

        Assert.InRange(backoff.Failed(Start + ResetAfter), TimeSpan.Zero, Min);
        Assert.True(backoff.IsFirstOfSeries);
    }

    [Fact]
    public void A_source_that_flaps_does_not()
    {
        var backoff = Worn();

        backoff.Succeeded(Start);
        backoff.Succeeded(Start + (ResetAfter * 0.9));
        backoff.Failed(Start + (ResetAfter * 0.95));
        backoff.Succeeded(Start + ResetAfter);
        backoff.Failed(Start + (ResetAfter * 1.9));

        Assert.False(backoff.IsFirstOfSeries);
    }

    [Fact]
    public void First_delays_are_the_same_for_a_name_and_spread_over_names()
    {
        var names = Enumerable.Range(0, 250).Select(i => ClusterName.Parse($"cluster-{i}")).ToArray();
        var delays = names.Select(name => ReconnectBackoff.FirstDelay(name, Max)).ToArray();

        Assert.Equal(delays, names.Select(name => ReconnectBackoff.FirstDelay(name, Max)));
        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.Zero, Max));
        // Each tenth of the range gets its share, roughly.
        Assert.All(delays.CountBy(delay => (int)(delay / Max * 10)), tenth => Assert.InRange(tenth.Value, 10, 45));
    }

    private static ReconnectBackoff Worn()
    {
        var backoff = new ReconnectBackoff(Min, Max, ResetAfter, new Random(1));
        for (var i = 0; i < 20; i++)
        {
            backoff.Failed(Start);
        }

        return backoff;
    }
}
