using CsCheck;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Actors.Tests.Support;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class ListPlanTests
{
    private static readonly SourceLayout Layout = new(
        Some.Cluster("ape"), new ClusterCapabilities(false, false, 255, null, EndpointSlicesExportMode.ServicesOnly));

    [Fact]
    public void Every_page_of_every_range_is_asked_for_once_in_order_and_at_one_revision() =>
        Gen.Int[1, 5].Array[Layout.Resources.Count].Sample(pages =>
        {
            var plan = ListPlan.Resources(Layout.Resources, Layout, 42);
            var asked = new List<(ResourceKind?, string?)>();
            while (plan.Next is { } request)
            {
                Assert.Equal(42, request.Revision);
                Assert.Equal(Layout.RangeOf(request.Kind!.Value), request.Range);
                var page = asked.Count(seen => seen.Item1 == request.Kind) + 1;
                asked.Add((request.Kind, request.FromKey));
                var last = page == pages[Layout.Resources.Index().First(pair => pair.Item == request.Kind).Index];
                plan.Advance(new SourcePage([], 43, last ? null : $"{page}"));
            }

            var expected = Layout.Resources.Zip(pages).SelectMany(pair =>
                Enumerable.Range(0, pair.Second).Select(page => ((ResourceKind?)pair.First, page == 0 ? null : $"{page}")));
            Assert.Equal(expected, asked);
        });

    [Fact]
    public void Nothing_to_list_is_complete_at_once() => Assert.Null(ListPlan.Resources([], Layout, 42).Next);
}
