using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.TestSupport.Sources;

/// <summary>
/// A source with an in-memory etcd behind it, the switches to break it, and counters of what was asked of it. Any thread.
/// </summary>
public sealed class FakeSource(TimeProvider time) : ISourceConnector
{
    private readonly Lock _lock = new();
    private readonly List<FakeConnection> _connections = [];
    private volatile FakeEtcd _etcd = new(0xe7cd_0001);
    private volatile bool _down;
    private int _lists;

    /// <summary>The store; another one after <see cref="Wipe"/>.</summary>
    public FakeEtcd Etcd => _etcd;

    /// <summary>Entries of one page of a list.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Events of one batch of a watch, but always whole revisions.</summary>
    public int BatchSize { get; set; } = 1000;

    /// <summary>Closed: connecting hangs.</summary>
    public FakeGate Connects { get; } = new();

    /// <summary>Closed: reads of one key hang.</summary>
    public FakeGate Reads { get; } = new();

    /// <summary>Closed: lists hang.</summary>
    public FakeGate Lists { get; } = new();

    /// <summary>Closed: opening a watch hangs.</summary>
    public FakeGate Watches { get; } = new();

    /// <summary>Closed: open watches deliver nothing, as on a half-open connection.</summary>
    public FakeGate Deliveries { get; } = new();

    /// <summary>Asked before each operation; what it returns is thrown. Connecting asks with <see cref="SourcePhase.Tcp"/>.</summary>
    public Func<SourcePhase, SourceException?>? Fault { get; set; }

    /// <summary>Connections opened since the start.</summary>
    public int ConnectionsOpened { get; private set; }

    /// <summary>Connections open now, broken ones included until they are disposed.</summary>
    public int OpenConnections => Sum(_ => 1);

    /// <summary>Watch streams open now.</summary>
    public int OpenStreams => Sum(connection => connection.OpenStreams);

    /// <summary>Watches open now, one a range.</summary>
    public int OpenWatches => Sum(connection => connection.OpenWatches);

    /// <summary>The most watch streams that were ever open at once.</summary>
    public int MaxOpenStreams { get; private set; }

    /// <summary>The most pages that were ever asked for at once.</summary>
    public int MaxConcurrentLists { get; private set; }

    /// <summary>Lists begun, by their first page.</summary>
    public int ListsServed { get; private set; }

    /// <summary>Pages served.</summary>
    public int PagesServed { get; private set; }

    internal TimeProvider Time => time;

    /// <inheritdoc />
    public async Task<ISourceConnection> ConnectAsync(SourceDefinition definition, CancellationToken cancellationToken)
    {
        await Connects.PassAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowFault(SourcePhase.Tcp);
        if (_down)
        {
            throw new SourceException(SourcePhase.Tcp, $"{definition.Cluster}: connection refused");
        }

        lock (_lock)
        {
            var connection = new FakeConnection(this, _etcd, $"fake://{definition.Cluster}");
            _connections.Add(connection);
            ConnectionsOpened++;
            return connection;
        }
    }

    /// <summary>Breaks every connection; new ones are refused until <see cref="Restore"/>.</summary>
    public void Kill()
    {
        _down = true;
        BreakConnections();
    }

    /// <summary>Accepts connections again, with the data as it was.</summary>
    public void Restore() => _down = false;

    /// <summary>Breaks every connection; new ones are accepted.</summary>
    public void BreakConnections()
    {
        foreach (var connection in Snapshot())
        {
            connection.Break();
        }
    }

    /// <summary>Replaces the etcd by an empty one, with the same cluster ID or another, and breaks every connection.</summary>
    public void Wipe(bool sameClusterId = false)
    {
        _etcd = new FakeEtcd(sameClusterId ? _etcd.ClusterId : _etcd.ClusterId + 1);
        BreakConnections();
    }

    /// <summary>Sends a progress notification on every watch that has delivered everything.</summary>
    public void SendProgress()
    {
        foreach (var connection in Snapshot())
        {
            connection.SendProgress();
        }
    }

    internal void ThrowFault(SourcePhase phase)
    {
        if (Fault?.Invoke(phase) is { } fault)
        {
            throw fault;
        }
    }

    internal void Forget(FakeConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }

    internal void CountStreams()
    {
        var open = OpenStreams;
        lock (_lock)
        {
            MaxOpenStreams = Math.Max(MaxOpenStreams, open);
        }
    }

    internal void BeginPage(bool first)
    {
        lock (_lock)
        {
            MaxConcurrentLists = Math.Max(MaxConcurrentLists, ++_lists);
            ListsServed += first ? 1 : 0;
            PagesServed++;
        }
    }

    internal void EndPage()
    {
        lock (_lock)
        {
            _lists--;
        }
    }

    private int Sum(Func<FakeConnection, int> count) => Snapshot().Sum(count);

    private FakeConnection[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _connections];
        }
    }
}
