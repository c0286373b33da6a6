using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Protos.V1;
using Record = KvStoreMesh.Protos.V1.Record;
using ResumeToken = KvStoreMesh.Core.Cache.ResumeToken;

namespace KvStoreMesh.Core.Tests.Cache;

/// <summary>A subscriber that goes from daemon to daemon with its token, and must never be seen going back.</summary>
internal sealed class RoamingReader(RoamingSource source, bool strict)
{
    private readonly Dictionary<MeshKey, Record> _content = [];
    private readonly List<Record> _group = [];
    private RoamingDaemon? _daemon;
    private long _cursor;
    private long _whole;
    private long _highWater;
    private long _skip;
    private int _atLeast;

    public Dictionary<string, int> Modes { get; } = new() { ["same"] = 0, ["ring"] = 0, ["diff"] = 0, ["snapshot"] = 0, ["diverged"] = 0 };

    /// <summary>The source's epoch and revision; a fingerprint is learned where the daemon and the reader stand at one place.</summary>
    private SourcePosition Position { get; set; }

    /// <summary>Leaves, in the middle of whatever came, and goes to a daemon.</summary>
    public void Connect(RoamingDaemon daemon, Random random)
    {
        var seq = _daemon?.Instance == daemon.Instance ? Math.Max(_whole, _highWater) : 0;
        var token = new ResumeToken(seq, Position, _daemon is null || random.Next(4) == 0 ? null : Digest());
        var view = daemon.View;
        (_daemon, _skip, _highWater) = (daemon, 0, 0);
        _whole = _cursor = daemon.Cache.Head;
        _group.Clear();
        if (daemon.Cache.Resume(RoamingDaemon.Cluster, token, ResourceSet.All) is not { } point)
        {
            TakeSnapshot(isNews: true);
            return;
        }

        (_skip, _highWater) = (point.SkipRevision, point.Seq);
        Position = new(view.Position.Epoch, point.Revision == 0 ? Position.Revision : point.Revision, Position.Fingerprint);
        if (view.Seq <= point.Seq)
        {
            Modes["same"]++;
        }
        else if (point.Seq >= daemon.Cache.Horizon && random.Next(2) == 0)
        {
            _cursor = point.Seq;
            Modes["ring"]++;
        }
        else
        {
            CatchUp(point.Seq);
        }

        _whole = _cursor;
        MustBeAState();
    }

    /// <summary>One read of the log.</summary>
    public bool Step(int maxBytes)
    {
        var read = _daemon!.Cache.Read(_cursor, maxBytes);
        switch (read.Kind)
        {
            case RingReadKind.UpToDate:
                return false;
            case RingReadKind.BehindHorizon:
                _group.Clear();
                var since = Math.Max(_whole, _highWater);
                _whole = _cursor = _daemon.Cache.Head;
                CatchUp(since);
                break;
            case RingReadKind.Mark:
                _whole = _cursor = read.LastSeq;
                break;
            default:
                _cursor = read.LastSeq;
                _group.AddRange(Delta.Parser.ParseFrom(read.Bytes).Records);
                if (read.EndsGroup)
                {
                    _whole = _cursor;
                    foreach (var record in _group.Where(record => record.Seq > _highWater && record.Revision > _skip))
                    {
                        Apply(record);
                    }

                    _group.Clear();
                }

                break;
        }

        MustBeAState();
        return true;
    }

    /// <summary>The heartbeat: the digests are compared, and what is not the same comes anew.</summary>
    public void Compare()
    {
        var view = _daemon!.View;
        if (Math.Max(_cursor, _highWater) >= view.Seq && view.Position.Revision >= _skip)
        {
            Position = Position with { Fingerprint = view.Position.Fingerprint, Revision = Math.Max(Position.Revision, view.Position.Revision) };
            if (Digest() != view.Digests.Of(ResourceSet.All))
            {
                Modes["diverged"]++;
                TakeSnapshot(isNews: true);
            }
        }
    }

    public void MustHold(int revision) => Assert.Equal(Text(revision), Text());

    private void CatchUp(long since)
    {
        if (_daemon!.Revision <= _skip)
        {
            // All that this daemon knows is held: its snapshot would lead back.
            _highWater = _daemon.View.Seq;
            return;
        }

        if (_daemon!.Cache.Diff(RoamingDaemon.Cluster, since, ResourceSet.All) is not { } diff)
        {
            TakeSnapshot(isNews: false);
            return;
        }

        Modes["diff"]++;
        foreach (var record in diff.Chunks(50).SelectMany(chunk => Delta.Parser.ParseFrom(chunk.Span).Records).Where(record => record.Revision > _skip))
        {
            Apply(record);
        }

        _highWater = diff.View.Seq;
        Position = Position with { Revision = Math.Max(Position.Revision, diff.View.Position.Revision) };
    }

    private void TakeSnapshot(bool isNews)
    {
        var snapshot = _daemon!.Cache.Snapshot(RoamingDaemon.Cluster)!;
        Modes["snapshot"]++;
        _content.Clear();
        foreach (var record in snapshot.Chunks.SelectMany(chunk => Delta.Parser.ParseFrom(chunk.Plain.Span).Records))
        {
            Apply(record);
        }

        (_highWater, _skip, Position) = (snapshot.View.Seq, 0, snapshot.View.Position);

        // Daemons that cannot know each other's history have to start a subscriber anew, at their own revision.
        _atLeast = isNews ? Math.Min(_atLeast, _daemon.Revision) : _atLeast;
        MustBeAState();
    }

    private void Apply(Record record)
    {
        var key = new MeshKey((Core.Keys.ResourceKind)record.Kind, record.Name);
        if (record.Op == Op.Put)
        {
            _content[key] = record;
        }
        else
        {
            _content.Remove(key);
        }

        Position = Position with { Revision = Math.Max(Position.Revision, record.Revision) };
    }

    /// <summary>I1, I2 and I4 in one: what is held is the source at some revision, and never at an earlier one than before.</summary>
    private void MustBeAState()
    {
        if (!strict)
        {
            return;
        }

        var text = Text();
        var at = Enumerable.Range(_atLeast, source.Revision + 1 - _atLeast).FirstOrDefault(revision => Text(revision) == text, -1);
        Assert.True(at >= 0, $"'{text}' is no state of the source from {_atLeast} on: {string.Join(" | ", Enumerable.Range(0, source.Revision + 1).Select(Text))}");
        _atLeast = at;
    }

    private string Text() => string.Join(' ', _content.Select(pair => $"{pair.Key}={pair.Value.Value.ToStringUtf8()}").Order(StringComparer.Ordinal));

    private string Text(int revision) =>
        string.Join(' ', source.States[revision].Select(pair => $"{pair.Key}={pair.Value.Value}").Order(StringComparer.Ordinal));

    private ContentDigest Digest() => _content.Aggregate(
        default(ContentDigest), (sum, pair) => sum + ContentDigest.Of(pair.Key, pair.Value.Value.Span));
}
