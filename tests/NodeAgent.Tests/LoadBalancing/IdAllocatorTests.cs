using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Tests.LoadBalancing;

public sealed class IdAllocatorTests
{
    [Fact]
    public void Service_ids_go_on_after_the_highest_restored_one_and_wrap_around()
    {
        var contents = new LoadBalancerContents();
        contents.Apply(LoadBalancerOperation.PutSlot(new(Some.Addr("10.0.0.1:80")), 0, ServiceSlot.Master(0, 65535)));
        contents.Apply(LoadBalancerOperation.PutSlot(new(Some.Addr("10.0.0.2:80")), 0, ServiceSlot.Master(0, 1)));
        var ids = new ServiceIds();
        ids.Restore(contents);
        Assert.Equal(65535, ids.GetOrAllocate(new(Some.Addr("10.0.0.1:80"))));
        Assert.Equal(2, ids.GetOrAllocate(new(Some.Addr("10.0.0.3:80"))));
    }

    [Fact]
    public void All_service_ids_taken_gives_none_until_one_is_released()
    {
        var ids = new ServiceIds();
        for (var i = 1; i <= ushort.MaxValue; i++)
        {
            Assert.Equal(i, ids.GetOrAllocate(Frontend(i)));
        }

        Assert.Equal(0, ids.GetOrAllocate(Frontend(70000)));
        ids.Release(Frontend(500));
        Assert.Equal(500, ids.GetOrAllocate(Frontend(70000)));
    }

    [Fact]
    public void A_backend_id_is_not_given_again_before_it_is_released()
    {
        var contents = new LoadBalancerContents();
        contents.Apply(LoadBalancerOperation.PutBackend(uint.MaxValue, new BackendEntry(Some.Addr("20.0.0.1:80"))));
        contents.Apply(LoadBalancerOperation.PutBackend(1, new BackendEntry(Some.Addr("20.0.0.1:80"))));
        var ids = new BackendIds();
        ids.Restore(contents);
        Assert.Equal(1u, ids.GetOrAllocate(Some.Addr("20.0.0.1:80")));
        Assert.Equal(2u, ids.GetOrAllocate(Some.Addr("20.0.0.2:80")));
        ids.Release(uint.MaxValue, Some.Addr("20.0.0.1:80"));
        Assert.Equal(1u, ids.GetOrAllocate(Some.Addr("20.0.0.1:80")));
    }

    private static ServiceFrontend Frontend(int i) => new(L3n4Addr.From(new(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((uint)i)), 80, L4Protocol.Tcp));
}
