using System.Text;
using CsCheck;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Tests.Cache;

public sealed class ContentDigestTests
{
    [Theory]
    [InlineData("", 0x0000000000000000UL, 0x0000000000000000UL)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0xe34bbc7bbc071b6cUL, 0x7a433ca9c49a9347UL)]
    [InlineData("The quick brown fox jumps over the lazy cog", 0x658ca970ff85269aUL, 0x43fee3eaa68e5c3eUL)]
    public void The_hash_is_the_published_one(string text, ulong low, ulong high) =>
        Assert.Equal((low, high), MurmurHash.Hash(Encoding.UTF8.GetBytes(text), 0, 0));

    [Fact]
    public void What_is_held_decides_not_how_it_came_to_be() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3]).Array[0, 40].Sample(writes =>
        {
            var held = new Dictionary<int, byte[]>();
            var digest = default(ContentDigest);
            foreach (var (key, value) in writes)
            {
                digest -= held.Remove(key, out var before) ? ContentDigest.Of(Key(key), before) : default;
                if (value > 0)
                {
                    held[key] = new byte[value * 15];
                    digest += ContentDigest.Of(Key(key), held[key]);
                }
            }

            var anew = held.OrderByDescending(pair => pair.Key).Aggregate(default(ContentDigest), (sum, pair) => sum + ContentDigest.Of(Key(pair.Key), pair.Value));
            Assert.Equal(anew, digest);
            Assert.Equal(held.Count == 0, digest == default);
            Assert.Equal(digest, ContentDigest.Read(digest.ToBytes()));
        });

    [Fact]
    public void A_name_a_value_and_a_resource_are_never_taken_for_one_another()
    {
        ContentDigest[] all =
        [
            ContentDigest.Of(new(ResourceKind.Nodes, "a"), "bc"u8),
            ContentDigest.Of(new(ResourceKind.Nodes, "ab"), "c"u8),
            ContentDigest.Of(new(ResourceKind.Nodes, "abc"), ""u8),
            ContentDigest.Of(new(ResourceKind.Services, "abc"), ""u8),
            ContentDigest.Of(new(ResourceKind.Nodes, ""), "abc"u8),
            ContentDigest.Of(new(ResourceKind.Nodes, new string('n', 5000)), "abc"u8),
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Null(ContentDigest.Read([1, 2, 3]));
    }

    private static MeshKey Key(int number) => new(ResourceKind.Nodes, $"key-{number}");
}
