using KvStoreMesh.Replicator.Hosting;
using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.Tests.Hosting;

public sealed class OpenFilesTests
{
    [Theory]
    [InlineData(1024, 2)]
    [InlineData(65536, 3)]
    [InlineData(int.MaxValue, 1)]
    public void Connections_never_take_the_files_that_the_process_needs_itself(long files, int addresses)
    {
        var each = OpenFiles.ConnectionsPerAddress(files, addresses);

        Assert.InRange(each, 1, (files - 700) / addresses);
    }

    [Fact]
    public void A_limit_too_low_to_run_with_is_refused_in_words()
    {
        var refused = Assert.Throws<OptionException>(() => OpenFiles.ConnectionsPerAddress(512, 2));
        Assert.Contains("the limit of open files is 512, at least 1024 are needed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limit_of_this_process_is_known() => Assert.InRange(OpenFiles.Limit(), 16, int.MaxValue);
}
