using System.Net;
using CsCheck;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.Core.Tests.Resources;

/// <summary>What Go's net.ParseIP takes and how net.IP.String prints it; the tables are Go's own behaviour.</summary>
public sealed class GoIpAddressTests
{
    private static readonly Gen<IPAddress> AnyAddress = Gen.OneOf(
        Gen.Byte.Array[4].Select(bytes => new IPAddress(bytes)),
        Gen.Byte.Array[16].Select(bytes => new IPAddress(bytes)),
        // Many zero groups, where the printing rules differ.
        Gen.OneOf(Gen.Const((ushort)0), Gen.Const((ushort)0), Gen.UShort).Array[8].Select(FromGroups));

    [Theory]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("10.244.2.74", "10.244.2.74")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1::", "1::")]
    [InlineData("abcd::0001", "abcd::1")]
    [InlineData("FD00:10:244::E2D6", "fd00:10:244::e2d6")]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    [InlineData("1:0:0:2:0:0:0:3", "1:0:0:2::3")]
    [InlineData("1:0:0:2:3:0:0:4", "1::2:3:0:0:4")]
    [InlineData("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7")]
    [InlineData("f00d::a00:0:0:c164", "f00d::a00:0:0:c164")]
    [InlineData("64:ff9b::10.0.0.1", "64:ff9b::a00:1")]
    [InlineData("::10.0.0.1", "::a00:1")]
    [InlineData("1:2:3:4:5:6:10.0.0.1", "1:2:3:4:5:6:a00:1")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("::ffff:a00:1", "10.0.0.1")]
    [InlineData("::5efe:10.0.0.1", "::5efe:a00:1")]
    [InlineData("0000:0000:0000:0000:0000:0000:0000:0000", "::")]
    public void Prints_what_it_read_as_Go_does(string text, string printed)
    {
        Assert.True(GoIpAddress.TryParse(text, out var address));
        Assert.Equal(printed, GoIpAddress.Format(address));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.")]
    [InlineData(".1.2.3")]
    [InlineData("1..2.3")]
    [InlineData("010.1.1.1")]
    [InlineData("1.1.1.00")]
    [InlineData("1.1.1.256")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("0x7f000001")]
    [InlineData("2130706433")]
    [InlineData("1.2.3.4 ")]
    [InlineData(" 1.2.3.4")]
    [InlineData("+1.2.3.4")]
    [InlineData("-1.2.3.4")]
    [InlineData("١.٢.٣.٤")]
    [InlineData("1.2.3.4/24")]
    [InlineData("1.2.3.4:80")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("::1%eth0")]
    [InlineData("fe80::1%2")]
    [InlineData("::1/128")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1:::2")]
    [InlineData(":1::2")]
    [InlineData("1::2:")]
    [InlineData("1::2::3")]
    [InlineData("12345::")]
    [InlineData("g::")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4::5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("::1:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7:10.0.0.1")]
    [InlineData("1:2:3:4:5:10.0.0.1")]
    [InlineData("1:2:3:4:5:6::10.0.0.1")]
    [InlineData("::10.0.0.1:1")]
    [InlineData("::10.0.0")]
    [InlineData("::10.0.0.01")]
    [InlineData("::ffff:10.0.0.1%1")]
    [InlineData("0000:0000:0000:0000:0000:0000:0000:0000:0000")]
    [InlineData("invalid")]
    public void Refuses_what_Go_refuses(string text) => Assert.False(GoIpAddress.TryParse(text, out _));

    [Fact]
    public void Every_address_survives_printing_and_parsing() => AnyAddress.Sample(address =>
    {
        var printed = GoIpAddress.Format(address);
        Assert.True(GoIpAddress.TryParse(printed, out var parsed), printed);
        Assert.Equal(address.MapToIPv6(), parsed.MapToIPv6());
        Assert.Equal(printed, GoIpAddress.Format(parsed));
    });

    [Fact]
    public void What_it_accepts_means_the_same_to_the_platform_parser() =>
        Gen.OneOf(Texts(), AnyAddress.Select(GoIpAddress.Format)).Sample(text =>
        {
            if (GoIpAddress.TryParse(text, out var address))
            {
                Assert.Equal(IPAddress.Parse(text).MapToIPv6(), address.MapToIPv6());
            }
        });

    [Fact]
    public void An_IPv4_mapped_address_is_its_IPv4_address()
    {
        Assert.True(GoIpAddress.TryParse("::ffff:10.0.0.1", out var address));
        Assert.Equal(new IPAddress([10, 0, 0, 1]), address);
        Assert.Equal("10.0.0.1", GoIpAddress.Format(address.MapToIPv6()));
    }

    private static Gen<string> Texts() => Gen.Char["0123456789abcdefF.:%[]x "].Array[0, 24].Select(chars => new string(chars));

    private static IPAddress FromGroups(ushort[] groups) =>
        new([.. groups.SelectMany(group => new[] { (byte)(group >> 8), (byte)group })]);
}
