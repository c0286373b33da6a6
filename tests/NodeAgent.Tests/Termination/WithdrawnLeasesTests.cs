using KvStoreMesh.NodeAgent.Termination;
using Microsoft.Extensions.Time.Testing;

namespace KvStoreMesh.NodeAgent.Tests.Termination;

public sealed class WithdrawnLeasesTests
{
    private static readonly BackendLease One = new(Some.Addr("10.0.0.1:80"), 1, Some.Addr("20.0.0.1:80"));
    private static readonly BackendLease Two = One with { ServiceId = 2 };
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_lease_is_due_when_it_has_been_withdrawn_for_the_whole_time_and_not_when_it_came_back_meanwhile()
    {
        var leases = new WithdrawnLeases(TimeSpan.FromSeconds(30), _time);
        Assert.Empty(leases.Observe(new HashSet<BackendLease> { One, Two }));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(leases.Observe(new HashSet<BackendLease> { One }));
        Assert.Empty(leases.Observe(new HashSet<BackendLease> { One, Two }));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(leases.IsDue);
        Assert.Equal([One], leases.Observe(new HashSet<BackendLease> { One, Two }));
        Assert.Empty(leases.Observe(new HashSet<BackendLease>()));
        Assert.Equal(0, leases.Count);
    }
}
