using CsCheck;
using KvStoreMesh.Etcd.Lists;

namespace KvStoreMesh.Etcd.Tests.Lists;

public sealed class PageSizerTests
{
    private const int Target = 6_000_000;

    [Fact]
    public void Aims_at_the_target_whatever_the_size_of_a_key()
    {
        foreach (var size in new[] { 300, 5_000, 100_000, 1_400_000, 20_000_000 })
        {
            var pages = new PageSizer(5_000, 50_000, Target);
            pages.Begin();
            pages.Received(pages.Keys, (long)pages.Keys * size);
            Assert.Equal(Math.Clamp(Target / size, 1, 20_000), pages.Keys);
        }
    }

    [Fact]
    public void Each_list_begins_with_the_first_size_again()
    {
        var pages = new PageSizer(5_000, 50_000, Target);
        pages.Received(5_000, 5_000L * 1_000_000);
        Assert.Equal(6, pages.Keys);
        pages.Begin();
        Assert.Equal(5_000, pages.Keys);
    }

    [Fact]
    public void Asks_for_at_least_one_key_and_gives_up_only_there()
    {
        Gen.Select(Gen.Int[0, 60_000], Gen.Long[0, 1L << 40], Gen.Bool).Array[0, 50].Sample(steps =>
        {
            var pages = new PageSizer(5_000, 50_000, Target);
            pages.Begin();
            return steps.All(step =>
            {
                var before = pages.Keys;
                if (step.Item3)
                {
                    return pages.TryHalve() == before > 1 && pages.Keys is >= 1 and <= 50_000 && (pages.Keys < before || before == 1);
                }

                pages.Received(step.Item1, step.Item2);
                return pages.Keys is >= 1 and <= 50_000 && pages.Keys <= before * 4L;
            });
        });
    }
}
