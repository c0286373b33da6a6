using KvStoreMesh.NodeAgent.Datapath;

namespace KvStoreMesh.NodeAgent.Tests.Datapath;

public sealed class MemoryDatapathTests : IDisposable
{
    private readonly MemoryDatapath _datapath = new(DatapathContract.Small);

    public void Dispose() => _datapath.Dispose();

    [Fact]
    public void Reads_back_exactly_what_was_written() => DatapathContract.Reads_back_exactly_what_was_written(_datapath);

    [Fact]
    public void Deleting_what_is_not_there_is_no_error() => DatapathContract.Deleting_what_is_not_there_is_no_error(_datapath);

    [Fact]
    public void A_full_map_stops_at_the_first_that_does_not_fit_and_says_how_far_it_came() =>
        DatapathContract.A_full_map_stops_at_the_first_that_does_not_fit_and_says_how_far_it_came(_datapath);

    [Fact]
    public void The_reconciler_converges_on_it() => DatapathContract.The_reconciler_converges_on_it(_datapath);
}
