using CsCheck;
using KvStoreMesh.Replicator.Fanout;
using Microsoft.Extensions.Time.Testing;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>Who is sent its snapshot: the first that asked, unless it takes nothing.</summary>
public sealed class SnapshotAdmissionTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Places_are_given_in_the_order_of_asking_and_never_more_than_there_are() =>
        Gen.Select(Gen.Int[1, 4], Gen.Select(Gen.Int[0, 9], Gen.Bool).List[1, 80]).Sample((places, steps) =>
        {
            var admission = new SnapshotAdmission(places, Lease, _time);
            var names = Enumerable.Range(0, 10).Select(i => $"n{i}").ToArray();
            var (inside, waiting) = (new HashSet<string>(), new List<string>());
            foreach (var (who, leaves) in steps.Select(step => (names[step.Item1], step.Item2)))
            {
                if (leaves)
                {
                    admission.Leave(who);
                    inside.Remove(who);
                    waiting.Remove(who);
                    continue;
                }

                if (!inside.Contains(who) && !waiting.Contains(who))
                {
                    waiting.Add(who);
                }

                var expected = inside.Contains(who) || (inside.Count < places && waiting[0] == who);
                Assert.Equal(expected, admission.TryEnter(who));
                if (expected)
                {
                    waiting.Remove(who);
                    inside.Add(who);
                }

                Assert.True(inside.Count <= places);
                Assert.Equal(waiting.Count, admission.Waiting);
            }
        }, iter: 1000, threads: 1);

    [Fact]
    public void A_place_that_is_not_used_for_the_lease_goes_to_the_next()
    {
        var admission = new SnapshotAdmission(1, Lease, _time);
        Assert.True(admission.TryEnter("stopped"));
        Assert.False(admission.TryEnter("next"));
        _time.Advance(Lease + TimeSpan.FromMilliseconds(1));
        Assert.True(admission.TryEnter("next"));
        Assert.False(admission.TryEnter("stopped"));
        admission.Leave("next");
        Assert.True(admission.TryEnter("stopped"));
    }

    [Fact]
    public void A_place_that_is_used_is_kept_however_long_it_takes()
    {
        var admission = new SnapshotAdmission(1, Lease, _time);
        for (var i = 0; i < 10; i++)
        {
            Assert.True(admission.TryEnter("slow"));
            Assert.False(admission.TryEnter("next"));
            _time.Advance(Lease / 2);
        }
    }

    [Fact]
    public void Any_number_of_waiters_that_stopped_asking_lose_their_turn_at_once_and_may_ask_again()
    {
        var admission = new SnapshotAdmission(1, Lease, _time);
        Assert.True(admission.TryEnter("first"));
        Assert.All(Enumerable.Range(0, 50), i => Assert.False(admission.TryEnter($"stopped-{i}")));
        Assert.False(admission.TryEnter("healthy"));
        _time.Advance(Lease / 2);
        Assert.True(admission.TryEnter("first"));
        _time.Advance(Lease);
        admission.Leave("first");

        Assert.True(admission.TryEnter("healthy"));
        Assert.False(admission.TryEnter("stopped-7"));
        admission.Leave("healthy");
        Assert.True(admission.TryEnter("stopped-7"));
    }

    [Fact]
    public void Those_that_wait_are_woken_when_a_place_or_a_turn_becomes_free_and_only_then()
    {
        var woken = 0;
        var admission = new SnapshotAdmission(1, Lease, _time);
        admission.Freed += () => woken++;
        admission.TryEnter("a");
        admission.Leave("a");
        Assert.Equal(0, woken);
        admission.TryEnter("a");
        admission.TryEnter("b");
        admission.TryEnter("c");
        admission.Leave("b");
        admission.Leave("a");
        Assert.Equal(2, woken);
        admission.Leave("stranger");
        Assert.Equal(2, woken);
    }
}
