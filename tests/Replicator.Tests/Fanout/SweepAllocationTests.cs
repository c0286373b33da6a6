using Grpc.Core;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Protos.V1;
using KvStoreMesh.Replicator.Fanout;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ResourceKind = KvStoreMesh.Core.Keys.ResourceKind;
using ResumeToken = KvStoreMesh.Core.Cache.ResumeToken;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>
/// What a change costs in memory does not depend on how many subscribers are told of it: the frames are shared, and a sweep, a
/// write and an ack allocate nothing. The transport behind the write is not ours and not counted.
/// </summary>
public sealed class SweepAllocationTests
{
    private const int Few = 10;
    private const int Many = 210;
    private const int Rounds = 100;
    private static readonly ClusterName B = ClusterName.Parse("b");

    public static TheoryData<bool, bool, int> Fleets() => new()
    {
        // filtered, writes that do not complete at once, groups per sweep
        { false, false, 1 },
        { false, true, 1 },
        { false, false, 40 },
        { true, false, 1 },
        { true, true, 40 },
    };

    [Theory]
    [MemberData(nameof(Fleets))]
    public async Task Two_hundred_more_subscribers_cost_no_byte_more_per_event(bool filtered, bool slow, int groups)
    {
        // Not on the test's own context: it would be captured, and allocate, at each write.
        await Task.Run(() =>
        {
            Measure(Few, filtered, slow, groups);
            var few = Measure(Few, filtered, slow, groups);
            var many = Measure(Many, filtered, slow, groups);

            Assert.Equal(few.Frames * Many / Few, many.Frames);
            var more = (many.Allocated - few.Allocated) / (double)(many.Frames - few.Frames);
            Assert.True(more < 0.1, $"{more:0.00} bytes per subscriber and frame: {few} and {many}");

            // Of each frame: its header, the objects around it and, with a filter, its copy of the records.
            var shared = few.Allocated / (double)(few.Frames / Few);
            Assert.True(shared < 1024 + (filtered ? 4 * few.BytesPerFrame : 0), $"{shared:0} bytes per frame for all: {few}");
        });
    }

    private static Cost Measure(int subscribers, bool filtered, bool slow, int groups)
    {
        var cache = new MeshCache(new MeshCacheOptions());
        var world = new MeshWorld(cache, new Random(1));
        var time = new FakeTimeProvider();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = ActivatorUtilities.CreateInstance<FanoutMetrics>(services);
        var sweep = new SessionSweep(
            new SharedFrames(cache, new ClusterRoster()),
            new FreshnessFeed(new MeshStatusBoard(), cache, time),
            TimeSpan.FromHours(1),
            NullLogger.Instance);
        for (var i = 0; i < 5; i++)
        {
            world.Change(B, 3);
        }

        var fleet = Enumerable.Range(0, subscribers)
            .Select(i => new Subscriber((ulong)i + 1, cache, filtered, metrics, time)).ToArray();
        foreach (var subscriber in fleet)
        {
            sweep.Add(subscriber.Session);
        }

        Settle();
        var before = fleet.Sum(subscriber => subscriber.Sink.Frames);
        var bytesBefore = fleet[0].Sink.Bytes;
        var allocated = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            for (var group = 0; group < groups; group++)
            {
                world.Change(B, 2, maxValue: 400);
            }

            // What the writes take is prepared before, as it is the transport's.
            foreach (var subscriber in fleet)
            {
                subscriber.Sink.Prepare(slow);
            }

            var start = GC.GetAllocatedBytesForCurrentThread();
            Settle();
            allocated += GC.GetAllocatedBytesForCurrentThread() - start;
        }

        Assert.All(fleet, subscriber => Assert.False(subscriber.Session.Ended.IsCompleted));
        Assert.All(fleet, subscriber => Assert.Equal((cache.Head, 0), (subscriber.Session.Position.SentSeq, subscriber.Session.Position.Resyncs)));
        var frames = fleet.Sum(subscriber => subscriber.Sink.Frames) - before;
        return new Cost(subscribers, frames, allocated, (fleet[0].Sink.Bytes - bytesBefore) / (frames / (double)subscribers));

        void Settle()
        {
            bool more;
            do
            {
                more = sweep.Run();
                foreach (var subscriber in fleet)
                {
                    more |= subscriber.Sink.Complete();
                    subscriber.Acknowledge();
                }
            }
            while (more);
        }
    }

    private sealed record Cost(int Subscribers, long Frames, long Allocated, double BytesPerFrame);

    private sealed class Subscriber
    {
        private readonly Ack _ack;
        private long _acked;

        public Subscriber(ulong id, MeshCache cache, bool filtered, FanoutMetrics metrics, TimeProvider time)
        {
            // Each its own instance, as each Hello makes one.
            var filter = filtered ? new SubscriberFilter([B], ResourceSet.Of([ResourceKind.Services])) : SubscriberFilter.Everything;
            var terms = Some.Terms(16 << 10, filter: filter);
            var cursor = new SubscriberCursor(cache, new ClusterRoster(), terms, new Dictionary<ClusterName, ResumeToken>(), Some.Rules());
            Session = new SubscriberSession(id, terms, "peer", Sink, cache, cursor, metrics, new Random(1), time);
            _ack = new Ack { Session = id };
            Sink.Place = () => Session.Position;
        }

        public Sink Sink { get; } = new();

        public SubscriberSession Session { get; }

        /// <summary>Applied is what was sent; the frame is one and the same, since parsing it is not what is measured.</summary>
        public void Acknowledge()
        {
            if (Sink.Seq != _acked)
            {
                _acked = Sink.Seq;
                _ack.AppliedSeq = _acked;
                _ack.ReceivedBytes = (ulong)Sink.Bytes;
                Session.OnAck(_ack);
            }
        }
    }

    /// <summary>A transport that only counts.</summary>
    private sealed class Sink : IServerStreamWriter<OutboundFrame>
    {
        private readonly TaskCompletionSource[] _writes = new TaskCompletionSource[64];
        private int _prepared;
        private TaskCompletionSource? _inFlight;

        public long Frames { get; private set; }

        public long Bytes { get; private set; }

        /// <summary>The seq up to which the last frame after the snapshots reaches.</summary>
        public long Seq { get; private set; }

        public Func<SubscriberPosition> Place { get; set; } = null!;

        public WriteOptions? WriteOptions { get; set; }

        public void Prepare(bool slow)
        {
            for (; slow && _prepared < _writes.Length; _prepared++)
            {
                _writes[_prepared] = new TaskCompletionSource();
            }
        }

        public Task WriteAsync(OutboundFrame message)
        {
            Frames++;
            Bytes += message.Length;
            Seq = Place() is { IsFollowing: true } place ? place.SentSeq : 0;
            if (_prepared == 0)
            {
                return Task.CompletedTask;
            }

            _inFlight = _writes[--_prepared];
            return _inFlight.Task;
        }

        /// <returns>True if there was a write to complete.</returns>
        public bool Complete()
        {
            var write = _inFlight;
            _inFlight = null;
            return write?.TrySetResult() ?? false;
        }
    }
}
