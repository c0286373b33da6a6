using CsCheck;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.Core.Tests.Resources;

public sealed class IdentityRangeTests
{
    [Theory]
    [InlineData(0, 255, 256, 65535)]
    [InlineData(0, 511, 256, 32767)]
    [InlineData(1, 255, 65536, 131071)]
    [InlineData(3, 255, 196608, 262143)]
    [InlineData(3, 0, 196608, 262143)]
    [InlineData(255, 255, 16711680, 16777215)]
    [InlineData(1, 511, 32768, 65535)]
    [InlineData(511, 511, 16744448, 16777215)]
    public void A_cluster_owns_the_identities_that_begin_with_its_id(uint clusterId, uint max, uint first, uint last)
    {
        Assert.True(IdentityRange.TryCreate(clusterId, max, out var range, out _));
        Assert.Equal(new IdentityRange(first, last), range);
        Assert.True(range.Contains(first) && range.Contains(last));
        Assert.False(range.Contains(first - 1) || range.Contains(last + 1));
    }

    [Theory]
    [InlineData(256, 255, "ClusterID > 255 is not supported")]
    [InlineData(256, 0, "ClusterID > 255 is not supported")]
    [InlineData(512, 511, "ClusterID > 511 is not supported")]
    [InlineData(1, 300, "only of 255 or 511")]
    [InlineData(uint.MaxValue, uint.MaxValue, "only of 255 or 511")]
    public void An_id_outside_the_mesh_has_no_range(uint clusterId, uint max, string problem)
    {
        Assert.False(IdentityRange.TryCreate(clusterId, max, out _, out var error));
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_identity_of_24_bits_is_reserved_or_of_exactly_one_cluster() =>
        Gen.Select(Gen.UInt[0, (1 << 24) - 1], Gen.OneOf(Gen.Const(255u), Gen.Const(511u))).Sample((identity, max) =>
        {
            var owners = Enumerable.Range(0, (int)max + 1).Count(clusterId =>
                IdentityRange.TryCreate((uint)clusterId, max, out var range, out _) && range.Contains(identity));
            Assert.Equal(NumericIdentity.IsReserved(identity) ? 0 : 1, owners);
        });

    [Fact]
    public void The_host_of_another_node_is_a_remote_node() => Gen.UInt.Sample(identity =>
        Assert.Equal(identity == NumericIdentity.Host ? NumericIdentity.RemoteNode : identity, NumericIdentity.OfRemote(identity)));

    [Theory]
    [InlineData("196915", 196915u)]
    [InlineData("0", 0u)]
    [InlineData("00196915", 196915u)]
    public void Reads_the_decimal_number_in_a_key(string text, uint expected)
    {
        Assert.True(NumericIdentity.TryParse(text, out var identity));
        Assert.Equal(expected, identity);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData("1,000")]
    [InlineData("4294967296")]
    [InlineData("foo")]
    public void Refuses_every_other_text_for_a_number(string text) => Assert.False(NumericIdentity.TryParse(text, out _));
}
