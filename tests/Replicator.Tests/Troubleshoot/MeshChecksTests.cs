using System.Net;
using CsCheck;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.Replicator.Troubleshoot;

namespace KvStoreMesh.Replicator.Tests.Troubleshoot;

/// <summary>What only shows when clusters are compared.</summary>
public sealed class MeshChecksTests
{
    private static readonly Gen<IPNetwork> Network = Gen.Select(Gen.Byte[0, 3], Gen.Byte[0, 3], Gen.Int[8, 24]).Select(
        (second, third, length) => Masked([10, second, third, 0], length));

    [Fact]
    public void An_overlap_is_found_exactly_if_two_clusters_share_an_address() =>
        Gen.Select(Gen.Int[0, 2], Network).Array[0, 8].Sample(placed =>
        {
            var expected = placed.Index().Any(one => placed.Index().Any(other =>
                one.Item.Item1 != other.Item.Item1 && (one.Item.Item2.Contains(other.Item.Item2.BaseAddress) || other.Item.Item2.Contains(one.Item.Item2.BaseAddress))));
            var clusters = placed.GroupBy(entry => entry.Item1).Select(group => Facts($"c{group.Key}", [.. group.Select(entry => entry.Item2)])).ToList();
            return expected == MeshChecks.PodCidrs(clusters).Any(finding => finding.Severity == Severity.Error);
        });

    [Theory]
    [InlineData(1U, 2U, 3U, false)]
    [InlineData(2U, 2U, 3U, true)]
    [InlineData(1U, 3U, 3U, true)]
    [InlineData(1U, 0U, 3U, true)]
    [InlineData(1U, 2U, 512U, true)]
    public void Ids_must_be_valid_and_unique_the_own_one_included(uint own, uint first, uint second, bool wrong)
    {
        ClusterFacts[] clusters = [Facts("b"), Facts("c")];
        (clusters[0].Id, clusters[1].Id) = (first, second);
        Assert.Equal(wrong, MeshChecks.Ids(clusters, ClusterName.Parse("a"), own).Any(finding => finding.Severity == Severity.Error));
    }

    private static IPNetwork Masked(byte[] address, int length)
    {
        for (var bit = length; bit < 32; bit++)
        {
            address[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(address), length);
    }

    private static ClusterFacts Facts(string name, params IPNetwork[] cidrs)
    {
        var facts = new ClusterFacts { Cluster = ClusterName.Parse(name) };
        facts.Nodes.Add(new CiliumNode { Name = "worker", Cluster = name, AllocCidrs = cidrs });
        return facts;
    }
}
