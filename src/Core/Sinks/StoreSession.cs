namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// The connection to the store: opened, broken by the first failure, opened again after a back-off once every call over
/// the old one has returned. So no late answer ever meets a new connection.
/// </summary>
internal sealed class StoreSession(ILocalStoreConnector connector, StoreBackoff backoff)
{
    private readonly HashSet<SinkCommand> _running = [];
    private readonly Queue<ILocalStore> _strays = [];
    private bool _isConnecting;
    private bool _isBroken;
    private long _revision;
    private ulong _etcdClusterId;

    /// <summary>The connection; null while there is none.</summary>
    public ILocalStore? Store { get; private set; }

    public bool IsOpen => Store is not null && !_isBroken;

    /// <summary>When the next attempt to connect may start.</summary>
    public TimeSpan RetryAt { get; private set; }

    public bool IsIdle => _running.Count == 0;

    public int Failures => backoff.Failures;

    private int History { get; set; }

    /// <summary>What the connection itself has to do next.</summary>
    public SinkCommand? Next(TimeSpan now)
    {
        if (_strays.TryDequeue(out var stray))
        {
            return new CloseCommand(stray);
        }

        // Closed at once, so that its calls return.
        if (_isBroken && Store is { } old)
        {
            Store = null;
            return new CloseCommand(old);
        }

        _isBroken &= !IsIdle;
        if (Store is not null || _isConnecting || _isBroken || !IsIdle || now < RetryAt)
        {
            return null;
        }

        _isConnecting = true;
        return new ConnectCommand(connector);
    }

    public void Begin(SinkCommand command, TimeSpan now)
    {
        (command.Started, command.Floor, command.History) = (now, _revision, History);
        _running.Add(command);
    }

    /// <summary>A command has returned; false if it is of a time before <see cref="Recover"/> and says nothing any more.</summary>
    public bool End(SinkCommand command)
    {
        if (_running.Remove(command))
        {
            return true;
        }

        if (command is ConnectCommand { Store: { } stray })
        {
            _strays.Enqueue(stray);
        }

        return false;
    }

    /// <summary>For an owner that lost its running calls: the connection is given up.</summary>
    public void Recover(TimeSpan now)
    {
        _running.Clear();
        _isConnecting = false;
        _isBroken = false;
        Break(now);
    }

    /// <summary>There is a connection; false if it is to an etcd with another history than the last one.</summary>
    public bool Opened(ILocalStore store)
    {
        _isConnecting = false;
        Store = store;
        backoff.Succeeded();

        // Asked before the first write: an emptied store must not get data, let alone a canary, before its configs.
        var same = _etcdClusterId is 0 || (_etcdClusterId == store.EtcdClusterId && store.OpenedAtRevision >= _revision);
        _etcdClusterId = store.EtcdClusterId;
        if (!same)
        {
            Restart(store.OpenedAtRevision);
        }

        return same;
    }

    /// <summary>An answer carried this revision; false if the store has lost history since the command was handed out.</summary>
    public bool Saw(SinkCommand command, long revision)
    {
        if (command.History == History && revision < command.Floor)
        {
            Restart(revision);
            return false;
        }

        _revision = command.History == History ? Math.Max(_revision, revision) : _revision;
        return true;
    }

    /// <summary>The connection failed, or could not be made. Its other calls are still to return.</summary>
    public void Break(TimeSpan now)
    {
        if (_isBroken)
        {
            return;
        }

        _isConnecting = false;
        _isBroken = true;
        RetryAt = now + backoff.Failed();
    }

    /// <summary>Gives the connection up without closing it.</summary>
    public ILocalStore? Release()
    {
        var store = Store;
        Store = null;
        return store;
    }

    private void Restart(long revision)
    {
        History++;
        _revision = revision;
    }
}
