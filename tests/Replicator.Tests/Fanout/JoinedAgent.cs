using System.Buffers;
using System.Text;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Replica;
using KvStoreMesh.NodeAgent.Subscription;
using KvStoreMesh.Protos.V1;
using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>
/// The daemon's end and the agent's own code joined in memory: frames are taken from a cursor, as bytes, and go through the
/// agent's assembler into its replica. It may be cut off after any frame and come back, here or at another daemon.
/// </summary>
internal sealed class JoinedAgent(StreamFeatures features, SubscriberFilter filter)
{
    private FrameAssembler _assembler = new(new AssemblerLimits());
    private DaemonInstance _instance = new("none");
    private MeshCache _cache = null!;
    private SubscriberCursor _cursor = null!;
    private SharedFrames _frames = null!;

    public MeshReplica Replica { get; } = new();

    public SubscriberCursor Cursor => _cursor;

    /// <summary>Clusters that the agent found to be not what the digest says.</summary>
    public int Diverged { get; private set; }

    /// <summary>How clusters came.</summary>
    public Dictionary<string, int> Ways { get; } = new() { ["ring"] = 0, ["diff"] = 0, ["snapshot"] = 0, ["offered ring"] = 0, ["compared"] = 0 };

    /// <summary>The bytes of all frames so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>After each event: what it was, and what is held then.</summary>
    public Action<SessionEvent> Applied { get; set; } = _ => { };

    /// <summary>The connection breaks; the next one is made.</summary>
    public void Connect(MeshCache cache, ClusterRoster roster, DaemonInstance instance, CatchUpRules rules, int frameBytes)
    {
        var hello = new Hello { Features = features.Bits, ResumeInstance = Replica.Daemon };
        hello.Resume.AddRange(Replica.Clusters.Select(cluster => cluster.Token(Replica.Position)).OfType<Protos.V1.ResumeToken>());
        (_cache, _instance, _assembler) = (cache, instance, new FrameAssembler(new AssemblerLimits()));
        _cursor = new SubscriberCursor(cache, roster, Some.Terms(frameBytes, features, filter), ResumeClaims.Of(hello, instance), rules);
        _frames = new SharedFrames(cache, roster);
        Ways["offered ring"] += _cursor.Offered.Count(offered => offered.Mode == ResumeMode.Ring);
        Take(new ServerFrame { HelloReply = OfferedClusters.Reply(_cursor.Offered, Some.Terms(frameBytes, features, filter), 1, ClusterName.Parse("own"), instance, []) });
    }

    /// <summary>One frame; false if there is none.</summary>
    public bool Step(bool heartbeatDue = false)
    {
        _frames.BeginSweep();
        var report = new FreshnessReport([.. _cache.Clusters.Select(view => new FreshCluster(view, SourceState.Live, TimeSpan.Zero))], 1);
        if (_cursor.Next(_frames, report, heartbeatDue) is not { } next)
        {
            return false;
        }

        var bytes = new ArrayBufferWriter<byte>();
        next.Frame.WriteTo(bytes);
        Bytes += bytes.WrittenCount;
        Take(ServerFrame.Parser.ParseFrom(bytes.WrittenSpan));
        return true;
    }

    /// <summary>Until there is nothing more to say, and then a heartbeat.</summary>
    public void Rest()
    {
        do
        {
            while (Step())
            {
            }

            Step(heartbeatDue: true);
        }
        while (_cursor.HasMore);
    }

    /// <summary>What is held of a cluster, in a form that compares.</summary>
    public string View(string cluster) => Replica.TryGet(ClusterName.Parse(cluster), out var replica)
        ? Text(replica.Entries.Select(entry => (entry.Key, Encoding.UTF8.GetString(entry.Value.Value.Span))), filter)
        : "";

    public static string Text(IEnumerable<(MeshKey Key, string Value)> entries, SubscriberFilter filter) => string.Join(
        ' ', entries.Where(entry => filter.Resources.Contains(entry.Key.Kind)).Select(entry => $"{entry.Key}={entry.Value}").Order(StringComparer.Ordinal));

    /// <summary>Something goes wrong at the agent: a record that nobody sent.</summary>
    public void Corrupt(ClusterName cluster) =>
        Replica.Apply(new RecordsReceived(0, [new MeshRecord(cluster, new MeshKey(Core.Keys.ResourceKind.Services, "bogus"), "bogus"u8.ToArray(), 1, 1)]));

    private void Take(ServerFrame frame)
    {
        Ways["ring"] += frame.Delta is null ? 0 : 1;
        Ways["diff"] += frame.SnapshotBegin is { Diff: true } ? 1 : 0;
        Ways["snapshot"] += frame.SnapshotBegin is { Diff: false } ? 1 : 0;
        if (_assembler.Accept(frame) is not { } sessionEvent)
        {
            return;
        }

        Ways["compared"] += sessionEvent is HeartbeatReceived beat ? beat.Clusters.Count(report => report.Digest is not null) : 0;
        if (sessionEvent is SessionOpened opened)
        {
            foreach (var missed in Replica.RemovedMeanwhile(opened))
            {
                Replica.Apply(new ClusterRemoved(missed, 0));
            }
        }

        Replica.Apply(sessionEvent);
        foreach (var cluster in Replica.TakeDiverged())
        {
            Diverged++;
            _cursor.Ask(cluster);
        }

        Applied(sessionEvent);
    }
}
