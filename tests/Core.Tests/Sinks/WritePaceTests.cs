using KvStoreMesh.Core.Sinks;

namespace KvStoreMesh.Core.Tests.Sinks;

public sealed class WritePaceTests
{
    private static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(500);

    private readonly WritePace _pace = new(16, TimeSpan.FromMilliseconds(100));

    [Fact]
    public void Opens_up_to_the_limit_while_answers_are_fast()
    {
        for (var i = 0; i < 500; i++)
        {
            _pace.Answered(Fast);
        }

        Assert.Equal(16, _pace.Window);
    }

    [Fact]
    public void Closes_down_to_one_while_answers_are_slow_but_only_once_per_round()
    {
        Opens_up_to_the_limit_while_answers_are_fast();
        _pace.Answered(Slow);
        var once = _pace.Window;
        Assert.InRange(once, 10, 12);
        for (var i = 1; i < once; i++)
        {
            _pace.Answered(Slow);
            Assert.Equal(once, _pace.Window);
        }

        for (var i = 0; i < 200; i++)
        {
            _pace.Answered(Slow);
        }

        Assert.Equal(1, _pace.Window);
        _pace.Failed();
        Assert.Equal(1, _pace.Window);
    }

    [Fact]
    public void A_bucket_gives_its_burst_and_then_its_rate()
    {
        var bucket = new TokenBucket(10);
        var now = TimeSpan.Zero;
        var taken = 0;
        while (bucket.NextAt(now) <= TimeSpan.FromSeconds(1))
        {
            now = bucket.NextAt(now);
            bucket.Take(now);
            taken++;
        }

        Assert.Equal(20, taken);
    }

    [Fact]
    public void A_backoff_doubles_up_to_its_cap_and_starts_anew_after_a_success()
    {
        var backoff = new StoreBackoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(15), new Random(1));
        var waits = Enumerable.Range(0, 12).Select(_ => backoff.Failed().TotalMilliseconds).ToList();
        Assert.All(waits.Index(), wait => Assert.InRange(
            wait.Item, Math.Min(15_000, 200 * Math.Pow(2, wait.Index)) / 2, Math.Min(15_000, 200 * Math.Pow(2, wait.Index))));
        backoff.Succeeded();
        Assert.InRange(backoff.Failed().TotalMilliseconds, 100, 200);
    }
}
