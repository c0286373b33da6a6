using Akka.Actor;
using Akka.TestKit.Xunit2;
using KvStoreMesh.Actors.Caching;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.Actors.Tests.Caching;

public sealed class MeshCacheActorTests : TestKit
{
    private readonly MeshCache _cache = new(new MeshCacheOptions());
    private readonly IActorRef _actor;

    public MeshCacheActorTests() => _actor = Sys.ActorOf(MeshCacheActor.Props(_cache, sink: null, state: null, NullLogger<MeshCacheActor>.Instance));

    [Fact]
    public async Task Answers_with_the_very_delta_once_it_is_visible()
    {
        var delta = Delta("ape", "default/echo");

        _actor.Tell(new ApplyDelta(delta));

        Assert.Same(delta, (await ExpectMsgAsync<DeltaApplied>()).Delta);
        Assert.Equal(1, Assert.Single(_cache.Clusters).Keys);
    }

    [Fact]
    public async Task Requests_of_one_sender_are_done_in_order_so_a_removal_is_final()
    {
        for (var i = 0; i < 100; i++)
        {
            _actor.Tell(new ApplyDelta(Delta("ape", $"default/{i}")));
        }

        _actor.Tell(new ForgetCluster(Some.Cluster("ape")));

        await FishForMessageAsync<ClusterForgotten>(_ => true);
        Assert.Empty(_cache.Clusters);
    }

    [Fact]
    public async Task What_the_cache_throws_goes_to_the_cluster_it_concerns_and_stops_no_other()
    {
        void Refuse() => throw new InvalidOperationException("full");
        _cache.Published += Refuse;
        _actor.Tell(new ApplyDelta(Delta("ape", "default/echo")));
        var failed = await ExpectMsgAsync<CacheFailed>();
        Assert.Equal((Some.Cluster("ape"), "full"), (failed.Cluster, failed.Error.Message));
        _cache.Published -= Refuse;

        _actor.Tell(new ApplyDelta(Delta("bee", "default/echo")));

        await ExpectMsgAsync<DeltaApplied>();
    }

    private static ClusterDelta Delta(string cluster, string service) => new(
        Some.Cluster(cluster),
        new SourcePosition(new SourceEpoch(1), 5),
        [new MeshChange(new MeshKey(ResourceKind.Services, service), [1], 5, 5)],
        [ResourceKind.Services],
        null,
        0);
}
