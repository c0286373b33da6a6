using System.Diagnostics;
using KvStoreMesh.MeshBench.Wire;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>A direct watcher of an etcd, or of its proxy: one connection, one stream, from now on.</summary>
internal sealed class EtcdSubscriber : Subscriber
{
    private readonly IReadOnlyList<byte[]> _watches;
    private readonly string? _cluster;
    private readonly ulong _salt;
    private int _created;

    /// <param name="counters">Shared.</param>
    /// <param name="watches">The requests that create its watches.</param>
    /// <param name="cluster">The cluster whose etcd it is; null for a mirror of any number.</param>
    /// <param name="initial">What there is before the watches begin: nobody writes meanwhile.</param>
    public EtcdSubscriber(SubscriberCounters counters, IReadOnlyList<byte[]> watches, string? cluster, SourceContent initial)
        : base(counters)
    {
        (_watches, _cluster, _salt) = (watches, cluster, ContentHash.Of(cluster ?? string.Empty));
        foreach (var note in initial.Notes)
        {
            if (cluster is null || counters.Keys.ClusterOf(note.Key) == cluster)
            {
                Content.Apply(note);
            }
        }
    }

    protected override string Path => "/etcdserverpb.Watch/Watch";

    protected override void Begin(GrpcStream stream)
    {
        _created = 0;
        foreach (var watch in _watches)
        {
            stream.SendMessage(watch);
        }
    }

    protected override void Take(ReadOnlySpan<byte> message)
    {
        var now = Stopwatch.GetTimestamp();
        for (var response = new ProtoReader(message); response.Next();)
        {
            switch (response.Field)
            {
                case 3 when response.Number != 0:
                    IsReady = ++_created == _watches.Count;
                    break;
                case 4 when response.Number != 0:
                    throw new InvalidDataException("etcd cancelled a watch: its reader was too slow, or the revision is compacted");
                case 11:
                    Deliver(Note(response.Bytes), now);
                    break;
            }
        }
    }

    private RecordNote Note(ReadOnlySpan<byte> eventBytes)
    {
        // The same bytes mean something else in another cluster's etcd.
        var hash = ContentHash.Of(eventBytes, _salt);
        if (!Counters.Memo.TryGet(hash, out var note))
        {
            Counters.Memo.Keep(hash, note = Parse(eventBytes));
        }

        return note;
    }

    private RecordNote Parse(ReadOnlySpan<byte> eventBytes)
    {
        ReadOnlySpan<byte> key = default, value = default;
        var (isDelete, revision) = (false, 0L);
        for (var e = new ProtoReader(eventBytes); e.Next();)
        {
            if (e.Field == 1)
            {
                isDelete = e.Number == 1;
            }
            else if (e.Field == 2)
            {
                for (var pair = new ProtoReader(e.Bytes); pair.Next();)
                {
                    switch (pair.Field)
                    {
                        case 1:
                            key = pair.Bytes;
                            break;
                        case 3:
                            revision = (long)pair.Number;
                            break;
                        case 5:
                            value = pair.Bytes;
                            break;
                    }
                }
            }
        }

        return new(
            EtcdKeys.NumberOf(Counters.Keys, key, _cluster), isDelete ? 0 : ContentHash.Of(value), revision, 0, 0, isDelete ? 0 : WrittenTime.Of(value));
    }
}
