using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.Tests.Options;

public sealed class OptionSyntaxTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("10m0s", 600_000)]
    [InlineData("15s", 15_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("300ms", 300)]
    [InlineData("1h2m3s", 3_723_000)]
    [InlineData(".5s", 500)]
    [InlineData("1000us", 1)]
    [InlineData("1000µs", 1)]
    [InlineData("1000000ns", 1)]
    public void Durations_are_those_of_Go(string text, double milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("15")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("1.2.3s")]
    [InlineData("5d")]
    [InlineData("00:00:05")]
    [InlineData("999999999h")]
    public void What_Go_does_not_take_or_nobody_means_is_refused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(59.9, "59s")]
    [InlineData(60, "1m0s")]
    [InlineData(3723, "1h2m3s")]
    [InlineData(-1, "0s")]
    public void Durations_are_written_as_Go_writes_them(double seconds, string text) =>
        Assert.Equal(text, GoDuration.Format(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("127.0.0.1:4260", "127.0.0.1:4260", true)]
    [InlineData("localhost:9889", "127.0.0.1:9889", true)]
    [InlineData("[::1]:1", "[::1]:1", true)]
    [InlineData(":9964", ":9964", false)]
    [InlineData("0.0.0.0:80", "0.0.0.0:80", false)]
    [InlineData("[::]:80", "[::]:80", false)]
    public void Addresses_have_a_port_and_no_name_to_resolve(string text, string shown, bool loopback)
    {
        Assert.True(ListenAddress.TryParse(text, out var address));
        Assert.Equal((shown, loopback), (address!.ToString(), address.IsLoopback));
    }

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:70000")]
    [InlineData("example.org:80")]
    [InlineData("::1:80")]
    [InlineData("[]:80")]
    [InlineData("127.0.0.1:-1")]
    public void Other_addresses_are_refused(string text) => Assert.False(ListenAddress.TryParse(text, out _));
}
