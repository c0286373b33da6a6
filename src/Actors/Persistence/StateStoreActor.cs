using Akka.Actor;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>
/// The single owner of the <see cref="IEntryStore"/>: opens it, reads it once for the start of the clusters, then writes what the
/// <see cref="StateFeed"/> holds, one transaction at a time. After a failure it opens the store again; what is served never notices.
/// </summary>
/// <remarks>Its mailbox is bounded by one call under way, one signal of the feed and one of each timer.</remarks>
internal sealed class StateStoreActor : ReceiveActor, IWithTimers
{
    private const string WriteTimer = "write";
    private const string RetryTimer = "retry";
    private const string ReportTimer = "report";

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly MeshState _state;
    private readonly IActorRef _mesh;
    private readonly IActorRef _cache;
    private readonly StateFailures _failures;
    private readonly CancellationToken _stopping;
    private readonly Action _stop;
    private readonly Action _signal;
    private IEntryStore? _store;
    private IReadOnlyList<StateWrite>? _writing;
    private IActorRef? _journal;
    private IActorRef? _flushing;
    private bool _restored;
    private int _signalled;

    public StateStoreActor(MeshState state, IActorRef mesh, IActorRef cache)
    {
        (_state, _mesh, _cache) = (state, mesh, cache);
        _failures = new StateFailures(state.Options);
        var stopping = new CancellationTokenSource();
        (_stopping, _stop) = (stopping.Token, () =>
        {
            stopping.Cancel();
            stopping.Dispose();
        });
        var self = Self;
        _signal = () =>
        {
            if (Interlocked.Exchange(ref _signalled, 1) == 0)
            {
                self.Tell(Filled.Instance);
            }
        };
        Receive<Opened>(OnOpened);
        Receive<OpenFailed>(failed => OnFailure(failed.Error));
        Receive<Written>(written => OnWritten(written.Bytes));
        Receive<WriteFailed>(OnWriteFailed);
        Receive<Filled>(_ => OnFilled());
        Receive<Write>(_ => WriteNext());
        Receive<Flush>(_ =>
        {
            _flushing = Sender;
            WriteNext();
        });
        Receive<Retry>(_ => Open());
        Receive<Report>(_ => OnReport());
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private StateOptions Options => _state.Options;

    public static Props Props(MeshState state, IActorRef mesh, IActorRef cache) =>
        Akka.Actor.Props.Create(() => new StateStoreActor(state, mesh, cache));

    protected override void PreStart()
    {
        _state.Feed.Filled += _signal;
        Timers.StartPeriodicTimer(ReportTimer, Report.Instance, ReportInterval);
        Open();
    }

    protected override void PostStop()
    {
        _state.Feed.Filled -= _signal;
        _stop();
        if (_writing is { } writing)
        {
            // Whoever follows writes it again; that it may have been written does no harm.
            _state.Feed.Return(writing);
        }

        _ = _store?.DisposeAsync().AsTask();
    }

    private void Open()
    {
        var (connector, stopping, started) = (_state.Connector, _stopping, _state.Time.GetTimestamp());
        Update(status => status with { Phase = StatePhase.Opening });
        Task.Run(() => OpenAndLoadAsync(connector, _state.Logger.Notice, stopping), stopping).PipeTo(
            Self,
            success: opened => new Opened(opened.Store, opened.Mesh, opened.Bytes, _state.Time.GetElapsedTime(started)),
            failure: error => new OpenFailed(error));
    }

    private void OnOpened(Opened opened)
    {
        _store = opened.Store;
        _state.Feed.Loaded(opened.Mesh.Clusters);
        foreach (var (cluster, problem) in opened.Mesh.Damaged)
        {
            _state.Logger.ColdStart(cluster, problem);
        }

        if (!_restored)
        {
            _restored = true;
            var keys = opened.Mesh.Clusters.Sum(cluster => (long)cluster.Entries.Count);
            _state.Logger.Loaded(opened.Mesh.Clusters.Count, keys, _state.Connector.Location, (long)opened.Elapsed.TotalMilliseconds);
            _mesh.Tell(new StateRestored(opened.Mesh.Clusters.ToDictionary(cluster => cluster.Cluster)));
        }

        Recovered();
        _mesh.Tell(new KnownClusters([.. opened.Mesh.Clusters.Select(cluster => cluster.Cluster), .. opened.Mesh.Damaged.Select(damaged => damaged.Cluster)]));
        _journal ??= Context.ActorOf(LifecycleJournalActor.Supervised(_state, _mesh), "journal");
        Update(status => status with { Phase = StatePhase.Open, Problem = null, Bytes = opened.Bytes });
        OnFilled();
    }

    private void OnFilled()
    {
        Volatile.Write(ref _signalled, 0);
        if (_store is not null && _writing is null && !Timers.IsTimerActive(WriteTimer))
        {
            Timers.StartSingleTimer(WriteTimer, Write.Instance, Options.WriteInterval);
        }
    }

    private void WriteNext()
    {
        if (_writing is not null)
        {
            return;
        }

        var writes = _store is null ? [] : _state.Feed.Take();
        if (_store is not { } store || writes.Count == 0)
        {
            _flushing?.Tell(Akka.Done.Instance);
            _flushing = null;
            return;
        }

        _writing = writes;
        Task.Run(() => WriteAsync(store, writes)).PipeTo(
            Self, success: bytes => new Written(bytes), failure: error => new WriteFailed(error));
    }

    private async Task<long> WriteAsync(IEntryStore store, IReadOnlyList<StateWrite> writes)
    {
        using var limit = new CancellationTokenSource(Options.WriteTimeout, _state.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping);
        await store.WriteAsync([.. writes.Select(write => write.ToClusterWrite())], either.Token);
        return await store.MeasureAsync(either.Token);
    }

    private void OnWritten(long bytes)
    {
        var writes = _writing!;
        _writing = null;
        _state.Feed.Written(writes);
        Recovered();
        Update(status => status with
        {
            Bytes = bytes,
            Transactions = status.Transactions + 1,
            WrittenKeys = status.WrittenKeys + writes.Sum(write => (long)write.Changes.Count),
        });
        if (_flushing is not null)
        {
            WriteNext();
        }

        OnFilled();
    }

    private void OnWriteFailed(WriteFailed failed)
    {
        _state.Feed.Return(_writing!);
        _writing = null;
        _flushing?.Tell(Akka.Done.Instance);
        _flushing = null;
        _ = _store?.DisposeAsync().AsTask();
        _store = null;
        OnFailure(failed.Error);
    }

    private void OnFailure(Exception error)
    {
        var problem = error is EntryStoreException or OperationCanceledException
            ? error.Message
            : $"{_state.Connector.Location}: {error.GetType().Name}: {error.Message}";
        var (delay, level) = _failures.Failed(problem, _state.Time.GetUtcNow());
        _state.Logger.NotStored(level, problem);
        Update(status => status with { Phase = StatePhase.BackingOff, Problem = problem, Failures = status.Failures + 1 });
        Timers.StartSingleTimer(RetryTimer, Retry.Instance, delay);
        if (!_restored)
        {
            _restored = true;
            _mesh.Tell(new StateRestored(new Dictionary<ClusterName, StoredCluster>()));
        }
    }

    private void Recovered()
    {
        if (_failures.Recovered() is var failures and > 0)
        {
            _state.Logger.StoredAgain(_state.Connector.Location, failures);
        }
    }

    private void OnReport()
    {
        if (_store is not null)
        {
            foreach (var cluster in _state.Feed.Wanting())
            {
                _cache.Tell(new RefillState(cluster));
            }

            OnFilled();
        }

        Update(status => status);
    }

    private void Update(Func<StateStatus, StateStatus> change)
    {
        var backlog = _state.Feed.Backlog;
        var (clusters, keys) = _state.RestoredSoFar;
        _state.Status = change(_state.Status) with
        {
            Clusters = backlog.Clusters,
            RestoredClusters = clusters,
            RestoredKeys = keys,
            PendingKeys = backlog.PendingKeys,
            BehindSince = backlog.BehindSince,
            OldestProof = backlog.OldestProof,
        };
    }

    private static async Task<(IEntryStore Store, StoredMesh Mesh, long Bytes)> OpenAndLoadAsync(
        IEntryStoreConnector connector, Action<string> notice, CancellationToken stopping)
    {
        var store = await connector.OpenAsync(notice, stopping);
        try
        {
            return (store, await store.LoadAsync(stopping), await store.MeasureAsync(stopping));
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Write everything there is now; answered by <see cref="Akka.Done"/>, also if the store is not open.</summary>
    internal sealed class Flush
    {
        public static readonly Flush Instance = new();
    }

    private sealed record Opened(IEntryStore Store, StoredMesh Mesh, long Bytes, TimeSpan Elapsed);

    private sealed record OpenFailed(Exception Error);

    private sealed record Written(long Bytes);

    private sealed record WriteFailed(Exception Error);

    private sealed class Filled
    {
        public static readonly Filled Instance = new();
    }

    private sealed class Write
    {
        public static readonly Write Instance = new();
    }

    private sealed class Retry
    {
        public static readonly Retry Instance = new();
    }

    private sealed class Report
    {
        public static readonly Report Instance = new();
    }
}
