using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>I11, and the credit that acks return.</summary>
public sealed class AckWindowTests
{
    [Fact]
    public void Credit_ends_with_the_budget_and_comes_back_with_received_bytes()
    {
        var window = new AckWindow(100);
        window.Sent(99, 1);
        Assert.True(window.HasCredit);
        window.Sent(50, 2);
        Assert.False(window.HasCredit);

        Assert.Equal(AckVerdict.Progress, window.Acknowledge(0, 50, out _));

        Assert.True(window.HasCredit);
        Assert.Equal(99, window.UnackedBytes);
    }

    [Fact]
    public void A_frame_larger_than_the_budget_passes_an_empty_window()
    {
        var window = new AckWindow(100);
        window.Sent(10_000, 1);
        Assert.False(window.HasCredit);
        window.Acknowledge(1, 10_000, out _);
        Assert.True(window.HasCredit);
    }

    [Fact]
    public void Having_applied_the_last_seq_returns_all_credit_however_bytes_are_counted()
    {
        var window = new AckWindow(100);
        window.Sent(150, 7);

        Assert.Equal(AckVerdict.Progress, window.Acknowledge(7, 3, out var previous));

        Assert.Equal(0, previous);
        Assert.Equal(0, window.UnackedBytes);
    }

    [Fact]
    public void Claims_of_more_bytes_than_were_sent_give_no_extra_credit()
    {
        var window = new AckWindow(100);
        window.Sent(60, 1);
        window.Acknowledge(0, ulong.MaxValue, out _);
        window.Sent(100, 2);
        Assert.False(window.HasCredit);
    }

    [Fact]
    public void Acks_neither_go_backwards_nor_beyond_what_was_sent()
    {
        var window = new AckWindow(100);
        window.Sent(10, 5);
        Assert.Equal(AckVerdict.BeyondSent, window.Acknowledge(6, 10, out _));
        Assert.Equal(AckVerdict.Progress, window.Acknowledge(5, 10, out _));
        Assert.Equal(AckVerdict.Backwards, window.Acknowledge(4, 10, out _));
        Assert.Equal(AckVerdict.Unchanged, window.Acknowledge(5, 10, out _));
        Assert.Equal(5, window.AckedSeq);
    }

    [Fact]
    public void An_older_count_of_bytes_takes_no_credit_back()
    {
        var window = new AckWindow(100);
        window.Sent(80, 0);
        window.Acknowledge(0, 80, out _);
        Assert.Equal(AckVerdict.Unchanged, window.Acknowledge(0, 10, out _));
        Assert.Equal(0, window.UnackedBytes);
    }
}
