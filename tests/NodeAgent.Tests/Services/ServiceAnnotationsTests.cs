using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Tests.Services;

public sealed class ServiceAnnotationsTests
{
    [Theory]
    [InlineData("", false, false, ServiceAffinity.None)]
    [InlineData("service.cilium.io/global=true", true, true, ServiceAffinity.None)]
    [InlineData("service.cilium.io/global=TRUE,service.cilium.io/shared=False", true, false, ServiceAffinity.None)]
    [InlineData("service.cilium.io/global=1", false, false, ServiceAffinity.None)]
    [InlineData("service.cilium.io/shared=true,service.cilium.io/affinity=local", false, false, ServiceAffinity.None)]
    [InlineData("io.cilium/global-service=true,io.cilium/shared-service=false,io.cilium/service-affinity=Remote", true, false, ServiceAffinity.Remote)]
    [InlineData("io.cilium/global-service=true,service.cilium.io/global=false", false, false, ServiceAffinity.None)]
    [InlineData("service.cilium.io/global=true,io.cilium/service-affinity=remote,service.cilium.io/affinity=local", true, true, ServiceAffinity.Local)]
    public void Both_families_of_names_are_read_and_those_of_today_win(string text, bool isGlobal, bool isShared, ServiceAffinity affinity)
    {
        var read = Read(text);
        Assert.Equal((isGlobal, isShared, affinity), (read.IsGlobal, read.IsShared, read.Affinity));
        Assert.Null(read.Problem);
    }

    [Fact]
    public void An_affinity_that_does_not_exist_is_none_and_is_told()
    {
        var read = Read("service.cilium.io/global=true,service.cilium.io/affinity=nearby");
        Assert.Equal(ServiceAffinity.None, read.Affinity);
        Assert.Contains("'nearby' is none of local, remote, none", read.Problem, StringComparison.Ordinal);
    }

    private static ServiceAnnotations Read(string text) => ServiceAnnotations.Read(
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]));
}
