using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Protos.V1;
using KvStoreMesh.TestSupport.Sources;
using Xunit.Abstractions;

namespace KvStoreMesh.Actors.Tests.Support;

/// <summary>
/// The whole project on fake sources and virtual time: one clock, moved by the test, for waits and for timestamps.
/// </summary>
public abstract class MeshActorTest : TestKit
{
    // Real time; only a test that fails waits for so long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);

    private readonly SchedulerTimeProvider _time = new();
    private IActorRef? _mesh;
    private int _runs = 1;

    protected MeshActorTest(ITestOutputHelper output)
        : base(
            """
            akka {
                scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
                loglevel = WARNING
                persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
            }
            """,
            output: output)
    {
        _time.Attach((TestScheduler)Sys.Scheduler);
        Sources = new FakeSources(_time);
        Connector = Sources;
    }

    protected FakeSources Sources { get; }

    private protected RecordingLoggerFactory Logged { get; } = new();

    private protected ISourceConnector Connector { get; set; }

    protected MeshCache Cache { get; private set; } = new(new MeshCacheOptions());

    protected MeshStatusBoard Board { get; private set; } = new();

    /// <summary>Where the state is stored; null to keep none.</summary>
    private protected IEntryStoreConnector? Stores { get; set; }

    private protected StateOptions StateOptions { get; set; } = new();

    /// <summary>The stored state of this run; null without <see cref="Stores"/>.</summary>
    private protected MeshState? State { get; private set; }

    protected RemoteClusterOptions Options { get; set; } = new() { StartSpread = TimeSpan.Zero };

    protected IActorRef Mesh => _mesh ??= Start();

    /// <summary>As if the process had been killed and started again: all memory is lost, stores and sources are not.</summary>
    protected async Task RestartAsync()
    {
        foreach (var name in (string[])["mesh-state", "clustermesh", "mesh-cache"])
        {
            var actor = await Sys.ActorSelection($"/user/{name}").ResolveOne(Patience);
            Watch(actor);
            Sys.Stop(actor);
            await ExpectTerminatedAsync(actor, Patience);

            // Its name is free a moment later.
            await EventuallyAsync(() => Assert.True(((ExtendedActorSystem)Sys).Guardian.GetChild([name]).IsNobody()));
        }

        (Cache, Board, _mesh) = (new MeshCache(new MeshCacheOptions()), new MeshStatusBoard(), null);
    }

    private IActorRef Start()
    {
        State = Stores is null ? null : new MeshState(Stores, StateOptions, _time, Logged);
        return new MeshActors
        {
            Connector = Connector,
            Cache = Cache,
            Board = Board,
            Time = _time,
            Random = new Random(_runs++),
            LoggerFactory = Logged,
            State = State,
            Options = Options,
        }.Start(Sys);
    }

    protected DateTimeOffset VirtualNow => _time.GetUtcNow();

    protected FakeSource Source(string cluster = "ape") => Sources[cluster];

    protected void Configure(string cluster = "ape", string text = "endpoints: []") =>
        Mesh.Tell(new ConfigureCluster(Some.Definition(cluster, text)));

    protected void Remove(string cluster = "ape") => Mesh.Tell(new RemoveCluster(Some.Cluster(cluster)));

    protected RemoteClusterStatus? Status(string cluster = "ape") => Board.Current.GetValueOrDefault(Some.Cluster(cluster));

    protected void Advance(TimeSpan time) => ((TestScheduler)Sys.Scheduler).Advance(time);

    /// <summary>Waits for a state while virtual time stands still.</summary>
    protected Task EventuallyAsync(Action assertion) => AwaitAssertAsync(assertion, Patience, Poll);

    /// <summary>Waits for a state that needs time to pass, e.g. a back-off or the interval of the status.</summary>
    protected Task EventuallyAsync(Action assertion, TimeSpan step) => AwaitAssertAsync(
        () =>
        {
            Advance(step);
            assertion();
        },
        Patience,
        Poll);

    protected Task PhaseAsync(RemoteClusterPhase phase, string cluster = "ape") =>
        EventuallyAsync(() => Assert.Equal(phase, Status(cluster)?.Phase));

    protected Task ReadyAsync(string cluster = "ape") =>
        EventuallyAsync(() => Assert.True(Status(cluster)?.IsReady), Options.StatusInterval);

    /// <summary>The cache holds what the source holds, revisions included.</summary>
    protected Task MirroredAsync(string cluster = "ape") =>
        EventuallyAsync(() => Assert.Equal(Source(cluster).Mirrored(cluster), Cached(cluster)));

    /// <summary>What the cache holds of a cluster; null if it does not know it.</summary>
    protected SortedDictionary<string, string>? Cached(string cluster = "ape")
    {
        if (Cache.Snapshot(Some.Cluster(cluster)) is not { } snapshot)
        {
            return null;
        }

        var records = snapshot.Chunks.SelectMany(chunk => Delta.Parser.ParseFrom(chunk.Plain.Span).Records);
        return new(
            records.ToDictionary(
                record => $"{new MeshKey((Core.Keys.ResourceKind)record.Kind, record.Name)}",
                record => $"{record.Value.ToStringUtf8()}@{record.Revision}"),
            StringComparer.Ordinal);
    }

    protected string[] CachedServices(string cluster = "ape") =>
        [.. from key in Cached(cluster)?.Keys ?? Enumerable.Empty<string>()
            where key.StartsWith("Services/", StringComparison.Ordinal)
            select key["Services/".Length..]];

    /// <summary>Never two watch streams, never two lists: I12.</summary>
    protected void AssertOneStreamAndOneListAtMost(string cluster = "ape")
    {
        Assert.InRange(Source(cluster).MaxOpenStreams, 0, 1);
        Assert.InRange(Source(cluster).MaxConcurrentLists, 0, 1);
    }
}
