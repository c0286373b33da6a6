using System.Diagnostics;
using Google.Protobuf;
using KvStoreMesh.MeshBench.Wire;
using KvStoreMesh.Protos.V1;
using ResourceKind = KvStoreMesh.Core.Keys.ResourceKind;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>
/// A subscriber of the daemon in the manner of the node agent: the same wishes in its Hello, the same rules of
/// acknowledging. It takes in snapshots, deltas and marks by hand and holds hashes instead of values.
/// </summary>
internal sealed class MeshSubscriber(SubscriberCounters counters, int number, int heartbeatMs, Dictionary<string, DaemonClusters> daemons) : Subscriber(counters)
{
    private const uint ReceiveBudget = 4 << 20;
    private const int AckRecords = 1_000;
    private const int CodecBrotli = 1;
    private static readonly long AckDelay = Stopwatch.Frequency / 4;

    private readonly Dictionary<string, ResumePoint> _resume = [];
    private readonly Dictionary<uint, long> _skipRevisions = [];
    private readonly Dictionary<uint, long> _highWater = [];
    private readonly Dictionary<uint, HashSet<int>> _listed = [];
    private DaemonClusters? _daemon;
    private ulong _session;
    private ulong _received;
    private ulong _credited;
    private int _records;
    private long _seq;
    private bool _isChanged;

    protected override string Path => "/kvstoremesh.v1.Mesh/Subscribe";

    public override void OnDue() => SendAck();

    protected override void Begin(GrpcStream stream)
    {
        ForgetIfChanged();
        var hello = MeshHello.Of(number, heartbeatMs, ReceiveBudget, _resume, _daemon?.Instance);
        (_daemon, _session, _received, _credited, _records, _seq, DueAt) = (null, 0, 0, 0, 0, 0, long.MaxValue);
        _highWater.Clear();
        _skipRevisions.Clear();
        _listed.Clear();
        stream.SendMessage(hello);
    }

    protected override void Take(ReadOnlySpan<byte> message)
    {
        _received += (uint)message.Length;
        var frame = new ProtoReader(message);
        if (!frame.Next())
        {
            return;
        }

        switch ((ServerFrame.FrameOneofCase)frame.Field)
        {
            case ServerFrame.FrameOneofCase.HelloReply:
                Open(HelloReply.Parser.ParseFrom(frame.Bytes), frame.Bytes);
                break;
            case ServerFrame.FrameOneofCase.SnapshotBegin:
                Begin(SnapshotBegin.Parser.ParseFrom(frame.Bytes), frame.Bytes);
                break;
            case ServerFrame.FrameOneofCase.SnapshotChunk:
                TakeChunk(frame.Bytes);
                break;
            case ServerFrame.FrameOneofCase.SnapshotEnd:
                Counters.LastArrival = Stopwatch.GetTimestamp();
                var end = SnapshotEnd.Parser.ParseFrom(frame.Bytes);
                _highWater[end.ClusterIx] = end.Seq;
                break;
            case ServerFrame.FrameOneofCase.Delta:
                TakeDelta(frame.Bytes);
                break;
            case ServerFrame.FrameOneofCase.Synced:
                Sync(Synced.Parser.ParseFrom(frame.Bytes));
                break;
            case ServerFrame.FrameOneofCase.Heartbeat:
                Observe(frame.Bytes);
                IsReady = true;
                SendAck();
                return;
            case ServerFrame.FrameOneofCase.EpochChange:
                Announce(EpochChange.Parser.ParseFrom(frame.Bytes));
                break;
            case ServerFrame.FrameOneofCase.ClusterGone:
                var gone = ClusterGone.Parser.ParseFrom(frame.Bytes);
                _resume.Remove(gone.Cluster);
                Content.DropWhere(key => Counters.Keys.ClusterOf(key) == gone.Cluster);
                break;
            case ServerFrame.FrameOneofCase.GoAway:
                Disconnect();
                return;
        }

        if (_records >= AckRecords || _received - _credited >= ReceiveBudget / 2)
        {
            SendAck();
        }
        else if (DueAt == long.MaxValue && _session != 0)
        {
            DueAt = Stopwatch.GetTimestamp() + AckDelay;
        }
    }

    private void Open(HelloReply reply, ReadOnlySpan<byte> bytes)
    {
        if (!daemons.TryGetValue(reply.ServerInstance, out _daemon))
        {
            daemons[reply.ServerInstance] = _daemon = new DaemonClusters(reply.ServerInstance);
        }

        _session = reply.Session;
        foreach (var offer in reply.Clusters)
        {
            _daemon.Learn(offer.ClusterIx, offer.Cluster);
            PointOf(offer.Cluster).Epoch = offer.Epoch;
        }

        // What a resuming subscriber has to skip: seq and skip_revision of the offers.
        for (var fields = new ProtoReader(bytes); fields.Next();)
        {
            if (fields.Field == HelloReply.ClustersFieldNumber)
            {
                var (index, seq, skip) = (0u, 0L, 0L);
                for (var offer = new ProtoReader(fields.Bytes); offer.Next();)
                {
                    index = offer.Field == 2 ? (uint)offer.Number : index;
                    seq = offer.Field == 5 ? (long)offer.Number : seq;
                    skip = offer.Field == 7 ? (long)offer.Number : skip;
                }

                if (seq > 0)
                {
                    _highWater[index] = seq;
                }

                if (skip > 0)
                {
                    _skipRevisions[index] = skip;
                }
            }
        }
    }

    private void Begin(SnapshotBegin begin, ReadOnlySpan<byte> bytes)
    {
        Daemon.Learn(begin.ClusterIx, begin.Cluster);
        PointOf(begin.Cluster).Epoch = begin.Epoch;
        for (var fields = new ProtoReader(bytes); fields.Next();)
        {
            if (fields.Field == 8 && fields.Number != 0)
            {
                // A diff: what it does not name stays.
                return;
            }
        }

        BeginList(begin.ClusterIx);
    }

    private void Announce(EpochChange change)
    {
        Daemon.Learn(change.ClusterIx, change.Cluster);
        PointOf(change.Cluster).Epoch = change.NewEpoch;
        _skipRevisions.Remove(change.ClusterIx);
        if (change.OldEpoch == 0 && change.Seq > _highWater.GetValueOrDefault(change.ClusterIx))
        {
            BeginList(change.ClusterIx);
        }
    }

    private void Observe(ReadOnlySpan<byte> bytes)
    {
        ForgetIfChanged();
        for (var beat = new ProtoReader(bytes); beat.Next();)
        {
            if (beat.Field == Heartbeat.SeqFieldNumber)
            {
                _seq = Math.Max(_seq, (long)beat.Number);
            }
            else if (FreshnessReading.Parse(beat.Bytes) is { Digest.Length: > 0 } reading)
            {
                PointOf(Daemon.NameOf(reading.Cluster)).Observe(reading);
            }
        }

        // All up to it has come: nothing that a snapshot held already can follow any more.
        foreach (var index in _highWater.Where(mark => mark.Value <= _seq).Select(mark => mark.Key).ToList())
        {
            _highWater.Remove(index);
        }
    }

    // What the heartbeat before said is exact only for those of whom nothing has come since; asking per record would cost too much.
    private void ForgetIfChanged()
    {
        if (_isChanged)
        {
            _isChanged = false;
            foreach (var point in _resume.Values)
            {
                point.Change();
            }
        }
    }

    private ResumePoint PointOf(string cluster)
    {
        if (!_resume.TryGetValue(cluster, out var point))
        {
            _resume[cluster] = point = new ResumePoint();
        }

        return point;
    }

    private void BeginList(uint cluster)
    {
        if (Content.Digest != 0)
        {
            _listed[cluster] = [];
        }
    }

    // What a list does not name is gone once its resource is said to be complete.
    private void Sync(Synced synced)
    {
        if (_listed.TryGetValue(synced.ClusterIx, out var listed))
        {
            var name = Daemon.NameOf(synced.ClusterIx);
            var kinds = synced.Resources.Select(kind => (ResourceKind)kind).ToHashSet();
            Content.DropWhere(key => kinds.Contains(Counters.Keys.KindOf(key)) && Counters.Keys.ClusterOf(key) == name && !listed.Contains(key));
        }
    }

    private DaemonClusters Daemon => _daemon ?? throw new InvalidDataException("the first frame is no HelloReply");

    private void TakeChunk(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> chunkRecords = default;
        var (codec, rawBytes) = (0, 0);
        for (var chunk = new ProtoReader(bytes); chunk.Next();)
        {
            switch (chunk.Field)
            {
                case 3:
                    codec = (int)chunk.Number;
                    break;
                case 4:
                    chunkRecords = chunk.Bytes;
                    break;
                case 5:
                    rawBytes = (int)chunk.Number;
                    break;
            }
        }

        for (var records = new ProtoReader(codec == CodecBrotli ? Counters.Chunks.Decompress(chunkRecords, rawBytes) : chunkRecords); records.Next();)
        {
            var note = Note(records.Bytes);
            Counters.SnapshotRecords++;
            Revision = Math.Max(Revision, note.Revision);
            if (note.Key >= 0)
            {
                Content.Apply(note);
                List(note);
            }
        }
    }

    private void TakeDelta(ReadOnlySpan<byte> bytes)
    {
        var now = Stopwatch.GetTimestamp();
        var (more, last) = (false, 0L);
        for (var delta = new ProtoReader(bytes); delta.Next();)
        {
            switch (delta.Field)
            {
                case 2:
                    last = (long)delta.Number;
                    break;
                case 3:
                    more = delta.Number != 0;
                    break;
                case 4:
                    var note = Note(delta.Bytes);
                    _records++;
                    if (IsNew(note))
                    {
                        _isChanged = true;
                        Deliver(note, now);
                        List(note);
                    }

                    break;
            }
        }

        _seq = more ? _seq : Math.Max(_seq, last);
    }

    private bool IsNew(in RecordNote note) =>
        (_highWater.Count == 0 || note.Seq > _highWater.GetValueOrDefault(note.Cluster))
        && (_skipRevisions.Count == 0 || note.Revision > _skipRevisions.GetValueOrDefault(note.Cluster));

    private void List(in RecordNote note)
    {
        if (_listed.Count > 0 && note.Value != 0 && _listed.TryGetValue(note.Cluster, out var listed))
        {
            listed.Add(note.Key);
        }
    }

    private RecordNote Note(ReadOnlySpan<byte> record)
    {
        var hash = ContentHash.Of(record, Daemon.Salt);
        if (!Counters.Memo.TryGet(hash, out var note))
        {
            Counters.Memo.Keep(hash, note = Parse(record));
        }

        return note;
    }

    private RecordNote Parse(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> name = default, value = default;
        var (seq, cluster, kind, isDelete, revision) = (0L, 0u, default(ResourceKind), false, 0L);
        for (var record = new ProtoReader(bytes); record.Next();)
        {
            switch (record.Field)
            {
                case 1:
                    seq = (long)record.Number;
                    break;
                case 2:
                    cluster = (uint)record.Number;
                    break;
                case 3:
                    kind = (ResourceKind)record.Number;
                    break;
                case 4:
                    name = record.Bytes;
                    break;
                case 5:
                    isDelete = record.Number == (ulong)Op.Delete;
                    break;
                case 6:
                    revision = (long)record.Number;
                    break;
                case 8:
                    value = record.Bytes;
                    break;
            }
        }

        var key = kind == ResourceKind.ClusterConfig ? -1 : Counters.Keys.NumberOf(kind, Daemon.NameOf(cluster), name);
        return new(key, isDelete ? 0 : ContentHash.Of(value), revision, seq, cluster, isDelete ? 0 : WrittenTime.Of(value));
    }

    private void SendAck()
    {
        (_credited, _records, DueAt) = (_received, 0, long.MaxValue);
        Stream?.SendMessage(new ClientFrame { Ack = new Ack { Session = _session, AppliedSeq = _seq, ReceivedBytes = _received } }.ToByteArray());
    }
}
