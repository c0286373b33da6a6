using CsCheck;
using Etcdserverpb;
using Google.Protobuf;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Rpc;
using KvStoreMesh.Etcd.Watching;
using Microsoft.Extensions.Logging.Abstractions;
using Mvccpb;

namespace KvStoreMesh.Etcd.Tests.Watching;

/// <summary>What a batch may claim, for anything etcd may send.</summary>
public sealed class WatchMergeTests
{
    private const ulong Id = 0xabc;
    private const int Ranges = 3;

    // One step of a server: a range delivers its next events, or progress is told to it while the store is further.
    private static readonly Gen<(int Range, int Events, bool Skip)[]> Steps =
        Gen.Select(Gen.Int[0, Ranges - 1], Gen.Int[0, 3], Gen.Bool).Array[0, 60];

    [Fact]
    public void A_batch_claims_only_what_its_range_or_all_ranges_have_delivered() => Steps.Sample(steps =>
    {
        var merge = NewMerge(start: 10);
        var delivered = new long[Ranges];
        Array.Fill(delivered, 9);
        long claimed = 9;
        foreach (var (range, events, skip) in steps)
        {
            // A range that lags sends a header far ahead of its events; progress is only told to one that has caught up.
            var store = delivered.Max() + (skip ? 2 : 1);
            var response = events == 0
                ? Response(range, store)
                : Response(range, store + 1_000, [.. Enumerable.Range(1, events).Select(i => delivered[range] + i)]);
            delivered[range] += events;
            if (events == 0)
            {
                delivered[range] = store;
            }

            var batch = merge.Accept(response, 1);
            Assert.Equal(batch?.Events.Count ?? 0, events);
            if (batch is { Events.Count: > 0 })
            {
                Assert.Equal((delivered[range], batch.Events[^1].ModRevision), (batch.Revision, batch.Revision));
                claimed = Math.Max(claimed, batch.Revision);
            }
            else if (batch is not null)
            {
                Assert.Equal(delivered.Min(), batch.Revision);
                Assert.True(batch.Revision > claimed, "freshness only grows");
                claimed = batch.Revision;
            }
            else
            {
                Assert.True(delivered.Min() <= claimed, "freshness is not kept back");
            }
        }
    });

    [Fact]
    public void Events_that_go_back_end_the_watch()
    {
        var merge = NewMerge(start: 10);
        Assert.NotNull(merge.Accept(Response(0, 20, 12, 15), 1));
        Assert.Equal(SourcePhase.Protocol, Assert.Throws<SourceException>(() => merge.Accept(Response(0, 20, 15), 1)).Phase);
        Assert.Equal(SourcePhase.Protocol, Assert.Throws<SourceException>(() => merge.Accept(Response(1, 20, 9), 1)).Phase);
        Assert.Equal(SourcePhase.Protocol, Assert.Throws<SourceException>(() => merge.Accept(Response(2, 20, 12, 11), 1)).Phase);
    }

    [Fact]
    public void Another_cluster_or_no_header_ends_the_watch()
    {
        var merge = NewMerge(start: 10);
        var foreign = Response(0, 20, 12);
        foreign.Header.ClusterId = 0xdef;
        var e = Assert.Throws<SourceException>(() => merge.Accept(foreign, 1));
        Assert.Equal(SourcePhase.Protocol, e.Phase);
        Assert.Contains("expected abc, got def", e.Message, StringComparison.Ordinal);
        var headless = Response(0, 20, 12);
        headless.Header = null;
        Assert.Equal(SourcePhase.Protocol, Assert.Throws<SourceException>(() => merge.Accept(headless, 1)).Phase);
    }

    [Theory]
    [InlineData(5, "", SourcePhase.Watch, true)]
    [InlineData(0, "", SourcePhase.Watch, false)]
    [InlineData(0, "etcdserver: no leader", SourcePhase.Watch, false)]
    [InlineData(0, "etcdserver: permission denied", SourcePhase.Auth, false)]
    public void A_cancelled_watch_says_why(long compacted, string reason, SourcePhase phase, bool isCompacted)
    {
        var response = Response(1, 20);
        (response.Canceled, response.CompactRevision, response.CancelReason) = (true, compacted, reason);
        var e = Assert.Throws<SourceException>(() => NewMerge(start: 10).Accept(response, 1));
        Assert.Equal((phase, isCompacted), (e.Phase, e.IsCompacted));
        Assert.Contains("keys 'r1/' to 'r10'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_to_a_progress_request_nobody_made_proves_nothing() =>
        Assert.Null(NewMerge(start: 10).Accept(Response(-1, 1_000), 1));

    private static WatchMerge NewMerge(long start)
    {
        var guard = new ClusterIdGuard("etcd");
        var merge = new WatchMerge("etcd", guard, new UnreadableKeys("etcd", NullLogger.Instance), start);
        for (var i = 0; i < Ranges; i++)
        {
            merge.Created(new(SourceRange.Prefix($"r{i}/"), start), Response(i, start));
        }

        return merge;
    }

    private static WatchResponse Response(long range, long header, params long[] revisions)
    {
        var response = new WatchResponse { WatchId = range, Header = new ResponseHeader { ClusterId = Id, Revision = header } };
        response.Events.AddRange(revisions.Select(revision => new Event
        {
            Kv = new KeyValue { Key = ByteString.CopyFromUtf8($"r{range}/k"), ModRevision = revision, CreateRevision = 1, Value = ByteString.Empty },
        }));
        return response;
    }
}
