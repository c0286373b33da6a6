using CsCheck;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Protos.V1;
using ResourceKind = KvStoreMesh.Core.Keys.ResourceKind;

namespace KvStoreMesh.Core.Tests.Cache;

public sealed class DeltaRingTests
{
    [Fact]
    public void Whatever_the_sizes_a_reader_gets_every_entry_once_or_is_told_that_it_fell_behind() =>
        Gen.Select(Gen.Int[0, 300].Array[1, 8].Array[1, 30], Gen.Int[1, 2000], Gen.Int[1, 400], Gen.Int[1, 500]).Sample((groups, budget, segment, maxBytes) =>
        {
            var ring = new DeltaRing(budget, segment);
            foreach (var group in groups)
            {
                foreach (var size in group)
                {
                    ring.AppendRecord(Record(ring, size), 1, ResourceKind.Nodes, 1);
                }

                ring.EndGroup();
                ring.Publish();
            }

            var ends = groups.Select((_, i) => groups.Take(i + 1).Sum(group => (long)group.Length)).ToHashSet();
            Assert.Equal(ends.Max(), ring.Head);
            for (var start = 0L; start <= ring.Head; start++)
            {
                var cursor = start;
                while (ring.Read(cursor, maxBytes) is { Kind: not RingReadKind.UpToDate } read)
                {
                    Assert.Equal(cursor < ring.Horizon ? RingReadKind.BehindHorizon : RingReadKind.Records, read.Kind);
                    if (read.Kind == RingReadKind.BehindHorizon)
                    {
                        break;
                    }

                    var records = Delta.Parser.ParseFrom(read.Bytes).Records;
                    Assert.Equal(Enumerable.Range(0, records.Count).Select(i => cursor + 1 + i), records.Select(record => record.Seq));
                    Assert.True(records.Count == 1 || read.Bytes.Length <= maxBytes);
                    Assert.Equal(ends.Contains(read.LastSeq), read.EndsGroup);

                    // Cut inside a group only if not even the first one fits.
                    Assert.True(read.EndsGroup || !ends.Any(end => end > cursor && end <= read.LastSeq));
                    cursor = read.LastSeq;
                }
            }
        });

    [Fact]
    public void Nothing_is_seen_before_it_is_published()
    {
        var ring = new DeltaRing(1000, 100);
        for (var i = 0; i < 50; i++)
        {
            ring.AppendRecord(Record(ring, 30), 1, ResourceKind.Nodes, 1);
        }

        Assert.Equal((0, 0), (ring.Head, ring.Horizon));
        Assert.Equal(RingReadKind.UpToDate, ring.Read(0, 1000).Kind);
        Assert.False(ring.TryGetTimestamp(1, out _));
    }

    [Fact]
    public void Memory_stays_within_the_budget_and_one_segment()
    {
        var ring = new DeltaRing(100_000, 10_000);
        for (var i = 0; i < 10_000; i++)
        {
            ring.AppendRecord(Record(ring, i % 500), 1, ResourceKind.Nodes, 1);
            ring.Publish();
            Assert.InRange(ring.Size, 0, 100_000 + 20_000);
        }

        Assert.True(ring.Head - ring.Horizon > 100);
    }

    [Fact]
    public void What_was_read_stays_as_it_was_after_the_ring_has_moved_on()
    {
        var ring = new DeltaRing(500, 100);
        ring.AppendRecord(Record(ring, 50), 1, ResourceKind.Nodes, 1);
        ring.Publish();
        var read = ring.Read(0, 1000);
        for (var i = 0; i < 100; i++)
        {
            ring.AppendRecord(Record(ring, 50), 1, ResourceKind.Nodes, 1);
            ring.Publish();
        }

        Assert.Equal(RingReadKind.BehindHorizon, ring.Read(0, 1000).Kind);
        Assert.Equal(1, Assert.Single(Delta.Parser.ParseFrom(read.Bytes).Records).Seq);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        var ring = new DeltaRing(1 << 20, 1 << 16);
        for (var i = 0; i < 1000; i++)
        {
            ring.AppendRecord(Record(ring, 100), 1, ResourceKind.Nodes, 1);
            ring.EndGroup();
        }

        ring.Publish();
        ReadAll(ring);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadAll(ring);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void ReadAll(DeltaRing ring)
    {
        for (var cursor = 0L; ring.Read(cursor, 1000) is { Kind: RingReadKind.Records } read; cursor = read.LastSeq)
        {
        }
    }

    private static RecordEncoding Record(DeltaRing ring, int valueBytes) =>
        new(ring.NextSeq, 1, new MeshChange(new MeshKey(ResourceKind.Nodes, "n"), new byte[valueBytes], 1, 1));
}
