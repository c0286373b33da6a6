using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Protos.V1;
using ResourceKind = KvStoreMesh.Core.Keys.ResourceKind;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>
/// Turns the frames of one session into whole events, and refuses what the protocol does not allow.
/// </summary>
/// <remarks>
/// A snapshot becomes visible at its end only, a group of deltas once no more of it follows: until then the agent
/// serves what it has, and a session that breaks in between leaves no trace. Each cluster has a high-water mark (its
/// snapshot's seq); records and marks up to it repeat what the snapshot holds and are skipped, since the daemon replays its
/// log from the oldest snapshot of all clusters. Frames of an unknown kind are ignored: they come from a later daemon.
/// Pure; not thread-safe; one per session.
/// </remarks>
public sealed partial class FrameAssembler
{
    private const uint Protocol = 1;

    private readonly AssemblerLimits _limits;
    private readonly Dictionary<uint, SessionCluster> _clusters = [];
    private List<MeshRecord>? _group;
    private uint _groupTail;
    private bool _opened;
    private long _groupBytes;
    private long _stagedBytes;
    private long _position;

    /// <summary>Creates the assembler of a new session.</summary>
    public FrameAssembler(AssemblerLimits limits) => _limits = limits;

    /// <summary>Takes the next frame; returns the event it completes, or null.</summary>
    /// <exception cref="MeshProtocolException">The frame does not belong here: the session must end.</exception>
    public SessionEvent? Accept(ServerFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (!_opened && frame.FrameCase is not (ServerFrame.FrameOneofCase.HelloReply or ServerFrame.FrameOneofCase.GoAway))
        {
            throw new MeshProtocolException($"the first frame must be HelloReply, this is {frame.FrameCase}");
        }

        return frame.FrameCase switch
        {
            ServerFrame.FrameOneofCase.HelloReply => Open(frame.HelloReply),
            ServerFrame.FrameOneofCase.SnapshotBegin => Begin(frame.SnapshotBegin),
            ServerFrame.FrameOneofCase.SnapshotChunk => Take(frame.SnapshotChunk),
            ServerFrame.FrameOneofCase.SnapshotEnd => End(frame.SnapshotEnd),
            ServerFrame.FrameOneofCase.Delta => Take(frame.Delta),
            ServerFrame.FrameOneofCase.Synced => Sync(frame.Synced),
            ServerFrame.FrameOneofCase.Heartbeat => Beat(frame.Heartbeat),
            ServerFrame.FrameOneofCase.EpochChange => Announce(frame.EpochChange),
            ServerFrame.FrameOneofCase.ClusterGone => Remove(frame.ClusterGone),
            ServerFrame.FrameOneofCase.GoAway => new GoAwayReceived(
                frame.GoAway.Reason, TimeSpan.FromMilliseconds(frame.GoAway.ReconnectAfterMs)),
            _ => null,
        };
    }

    private SessionOpened Open(HelloReply reply)
    {
        if (_opened)
        {
            throw new MeshProtocolException("a second HelloReply");
        }

        if (reply.Protocol != Protocol)
        {
            throw new MeshProtocolException($"the daemon chose protocol {reply.Protocol}, this agent speaks {Protocol}");
        }

        _opened = true;
        HashSet<ClusterName> offered = [];
        List<ClusterResumed> resumed = [];
        foreach (var offer in reply.Clusters)
        {
            // Without a mode the cluster is configured but not read yet: its index comes with its EpochChange.
            if (offer.Mode == ResumeMode.Unspecified)
            {
                offered.Add(NameOf(offer.Cluster));
                continue;
            }

            var cluster = Know(offer.ClusterIx, offer.Cluster);
            offered.Add(cluster.Name);
            cluster.Epoch = offer.Epoch;
            if (offer.Mode is ResumeMode.Ring or ResumeMode.Diff)
            {
                (cluster.HighWater, cluster.SkipRevision) = (offer.Seq, offer.SkipRevision);
                var goesOn = offer.Mode == ResumeMode.Ring;
                resumed.Add(new(cluster.Name, offer.Seq, goesOn ? offer.Epoch : 0, goesOn ? offer.Revision : 0));
            }
        }

        ClusterName? local = reply.LocalCluster.Length == 0 ? null : NameOf(reply.LocalCluster);
        return new SessionOpened(reply.Session, reply.ServerInstance, local, [.. offered], reply.ReceiveBudgetBytes)
        {
            Resumed = resumed,
            TakesResync = (reply.Features & (ulong)Feature.Resume) != 0,
        };
    }

    private ClusterAnnounced? Announce(EpochChange change)
    {
        var cluster = Know(change.ClusterIx, change.Cluster);
        _position = Math.Max(_position, change.Seq);
        if (change.Seq <= cluster.HighWater)
        {
            return null;
        }

        (cluster.HighWater, cluster.LastSeq) = (change.Seq, change.Seq);
        (cluster.Epoch, cluster.SkipRevision) = (change.NewEpoch, 0);
        return new ClusterAnnounced(cluster.Name, change.OldEpoch == 0, change.Reason, change.Seq) { Epoch = change.NewEpoch };
    }

    private ClusterRemoved? Remove(ClusterGone gone)
    {
        _position = Math.Max(_position, gone.Seq);
        var name = NameOf(gone.Cluster);

        // A mark never stands inside a group: this one is torn, and its cluster is the one that went.
        EndGroup();
        if (_clusters.TryGetValue(gone.ClusterIx, out var cluster))
        {
            if (cluster.Name != name)
            {
                throw new MeshProtocolException($"the index {gone.ClusterIx} stands for cluster {cluster.Name}, not for {name}");
            }

            if (gone.Seq <= cluster.HighWater)
            {
                return null;
            }

            Discard(cluster);
            _clusters.Remove(gone.ClusterIx);
        }

        // Added again meanwhile, it has another index, and what is held is that one's. An index unknown here is
        // fine: a subscriber that fell behind is told of every cluster that went, known to it or not.
        return _clusters.Values.Any(other => other.Name == name) ? null : new ClusterRemoved(name, gone.Seq);
    }

    private ResourcesSynced? Sync(Synced synced)
    {
        var cluster = Find(synced.ClusterIx);
        cluster.LastSeq = Math.Max(cluster.LastSeq, synced.Seq);

        // Equal is fine: right after a snapshot the mark that the snapshot itself ends with is said again.
        return synced.Seq < cluster.HighWater
            ? null
            : new ResourcesSynced(
                cluster.Name, [.. synced.Resources.Select(kind => (ResourceKind)kind).Where(Enum.IsDefined)], synced.Seq);
    }

    private HeartbeatReceived Beat(Heartbeat beat)
    {
        if (beat.Seq < _position && _group is null)
        {
            throw new MeshProtocolException($"the heartbeat says {beat.Seq}, after records up to {_position}");
        }

        if (_group is null)
        {
            _position = beat.Seq;
        }

        return new HeartbeatReceived(_group is null ? beat.Seq : 0, [.. beat.Clusters.Select(cluster => Freshness(cluster, beat.Seq))]);
    }

    private ClusterFreshnessReport Freshness(ClusterFreshness freshness, long delivered)
    {
        var state = freshness.State switch
        {
            SourceState.Connecting => SourceHealth.Connecting,
            SourceState.Syncing => SourceHealth.Syncing,
            SourceState.Live => SourceHealth.Live,
            SourceState.Stale => SourceHealth.Stale,
            _ => SourceHealth.Unknown,
        };
        var age = TimeSpan.FromMilliseconds(Math.Min(freshness.AgeMs, (double)int.MaxValue * 1000));
        var cluster = Find(freshness.ClusterIx);

        // What the daemon held there is what the agent holds now: all of it came, and nothing newer did.
        var isHere = _group is null && cluster.Snapshot is null && freshness.Seq <= delivered
            && Math.Max(cluster.LastSeq, cluster.HighWater) <= freshness.Seq && freshness.Revision >= cluster.SkipRevision;
        return new(cluster.Name, state, age, freshness.Revision)
        {
            Digest = isHere ? ContentDigest.Read(freshness.Digest.Span) : null,
            Fingerprint = freshness.Fingerprint,
        };
    }

    private RecordsReceived? Take(Delta delta)
    {
        if (delta.FirstSeq <= _position || delta.LastSeq < delta.FirstSeq)
        {
            throw new MeshProtocolException($"records {delta.FirstSeq} to {delta.LastSeq} after {_position}");
        }

        var group = _group ??= [];
        var seq = delta.FirstSeq - 1;
        foreach (var record in delta.Records)
        {
            if (record.Seq <= seq || record.Seq > delta.LastSeq)
            {
                throw new MeshProtocolException(
                    $"record {record.Seq} after {seq} in a frame of {delta.FirstSeq} to {delta.LastSeq}");
            }

            seq = record.Seq;
            _groupTail = record.ClusterIx;
            AddToGroup(group, record);
        }

        _position = delta.LastSeq;
        if (delta.More)
        {
            return null;
        }

        EndGroup();
        return new RecordsReceived(delta.LastSeq, group);
    }

    private void EndGroup()
    {
        _group = null;
        _stagedBytes -= _groupBytes;
        _groupBytes = 0;
    }

    private void AddToGroup(List<MeshRecord> group, Record record)
    {
        var cluster = Find(record.ClusterIx);
        cluster.LastSeq = Math.Max(cluster.LastSeq, record.Seq);
        if (record.Seq <= cluster.HighWater || record.Revision <= cluster.SkipRevision || !Enum.IsDefined((ResourceKind)record.Kind))
        {
            return;
        }

        if (cluster.Snapshot is { } snapshot)
        {
            if (record.Seq <= snapshot.Seq)
            {
                return;
            }

            throw new MeshProtocolException($"record {record.Seq} of cluster {cluster.Name} inside its snapshot at {snapshot.Seq}");
        }

        _groupBytes += Stage(record);
        group.Add(Read(record, cluster));
    }

    private static MeshRecord Read(Record record, SessionCluster cluster) => new(
        cluster.Name,
        new MeshKey((ResourceKind)record.Kind, record.Name),
        record.Op switch
        {
            // Cast, because a bare null would become an empty array, and a deletion a put of nothing.
            Op.Put => record.Value.Memory,
            Op.Delete => (ReadOnlyMemory<byte>?)null,
            _ => throw new MeshProtocolException($"record {record.Seq} has the unknown operation {(int)record.Op}"),
        },
        record.Revision,
        record.Seq);

    private long Stage(Record record)
    {
        if (record.Name.Length > _limits.MaxNameLength)
        {
            throw new MeshProtocolException($"a key of {record.Name.Length} characters, more than {_limits.MaxNameLength}");
        }

        var bytes = record.Name.Length + record.Value.Length + 64L;
        _stagedBytes += bytes;
        return _stagedBytes <= _limits.MaxStagedBytes
            ? bytes
            : throw new MeshProtocolException($"an unfinished group or snapshot of more than {_limits.MaxStagedBytes} bytes");
    }

    private SessionCluster Find(uint index) =>
        _clusters.TryGetValue(index, out var cluster)
            ? cluster
            : throw new MeshProtocolException($"no cluster was announced with the index {index}");

    private SessionCluster Know(uint index, string name)
    {
        if (_clusters.TryGetValue(index, out var known))
        {
            return known.Name.Value == name
                ? known
                : throw new MeshProtocolException($"the index {index} stands for cluster {known.Name}, not for {name}");
        }

        if (_clusters.Count >= _limits.MaxClusters)
        {
            throw new MeshProtocolException($"more than {_limits.MaxClusters} clusters");
        }

        var cluster = new SessionCluster(NameOf(name));
        _clusters.Add(index, cluster);
        return cluster;
    }

    private static ClusterName NameOf(string text) =>
        ClusterName.TryParse(text, out var name, out var error)
            ? name
            : throw new MeshProtocolException($"'{(text.Length > 64 ? text[..64] : text)}': {error}");
}
