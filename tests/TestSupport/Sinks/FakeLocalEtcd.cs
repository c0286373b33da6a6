using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.TestSupport.Sinks;

/// <summary>
/// The local etcd in memory: revisions, transactions, leases that expire by the given clock, limits, and switches to fail,
/// wipe and kill it. Any thread.
/// </summary>
public sealed class FakeLocalEtcd(TimeProvider time) : ILocalStoreConnector
{
    private int _life;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, StoreEntry> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (TimeSpan TimeToLive, DateTimeOffset Expiry)> _leases = [];
    private readonly Queue<StoreException> _failures = [];
    private long _lastLease;

    /// <summary>The server's limit.</summary>
    public int MaxOperations { get; set; } = 128;

    /// <summary>The server's limit, bytes of keys and values.</summary>
    public int MaxRequestBytes { get; set; } = 1536 << 10;

    /// <summary>Every call fails.</summary>
    public bool IsDown { get; set; }

    public ulong ClusterId { get; set; } = 42;

    public long Revision { get; private set; } = 1;

    /// <summary>Transactions that took effect, in order.</summary>
    public List<IReadOnlyList<StoreOperation>> Transactions { get; } = [];

    /// <summary>Sees each operation before a transaction is applied; what it throws fails the transaction.</summary>
    public Action<IReadOnlyList<StoreOperation>>? Applying { get; set; }

    public int Calls { get; private set; }

    public IReadOnlyList<StoreEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                Expire();
                return [.. _keys.Values];
            }
        }
    }

    public IReadOnlyList<long> Leases
    {
        get
        {
            lock (_lock)
            {
                Expire();
                return [.. _leases.Keys.Order()];
            }
        }
    }

    public bool Holds(string key)
    {
        lock (_lock)
        {
            Expire();
            return _keys.ContainsKey(key);
        }
    }

    /// <summary>The next transactions fail, one by one.</summary>
    public void FailTransactions(int count, StoreFailure failure = StoreFailure.Unavailable)
    {
        for (var i = 0; i < count; i++)
        {
            _failures.Enqueue(new StoreException(failure, $"injected: {failure}"));
        }
    }

    /// <summary>
    /// Everything is lost, the revision too; the cluster ID stays, as with an emptied data directory. Nobody empties one
    /// under a running etcd: its connections are gone with it.
    /// </summary>
    public void Wipe()
    {
        lock (_lock)
        {
            _life++;
            _keys.Clear();
            _leases.Clear();
            Revision = 1;
        }
    }

    /// <summary>A write by somebody else.</summary>
    public void Put(string key, byte[] value, long lease = 0)
    {
        lock (_lock)
        {
            Revision++;
            _keys[key] = new StoreEntry(key, value, lease, CreatedAt(key));
        }
    }

    /// <summary>Ends a lease as if it had expired.</summary>
    public void Revoke(long lease)
    {
        lock (_lock)
        {
            if (_leases.Remove(lease))
            {
                DeleteKeysOf(lease);
            }
        }
    }

    /// <summary>A lease of somebody else.</summary>
    public long Grant(TimeSpan timeToLive)
    {
        lock (_lock)
        {
            _leases.Add(++_lastLease, (timeToLive, time.GetUtcNow() + timeToLive));
            return _lastLease;
        }
    }

    public Task<ILocalStore> ConnectAsync(CancellationToken cancellationToken)
    {
        Check();
        return Task.FromResult<ILocalStore>(new Connection(this));
    }

    private static bool InRange(string key, SourceRange range) => range.End.Length == 0
        ? key == range.Start
        : string.CompareOrdinal(key, range.Start) >= 0 && string.CompareOrdinal(key, range.End) < 0;

    private void Check()
    {
        Calls++;
        if (IsDown)
        {
            throw new StoreException(StoreFailure.Unavailable, "the fake etcd is down");
        }
    }

    private long Transact(IReadOnlyList<StoreOperation> operations, StoreFence? fence)
    {
        Check();
        if (_failures.TryDequeue(out var failure))
        {
            throw failure;
        }

        lock (_lock)
        {
            Expire();
            if (operations.Count > MaxOperations)
            {
                throw new StoreException(StoreFailure.TooManyOperations, "too many operations in txn request");
            }

            if (operations.Sum(operation => operation.Key.Length + (operation.Value?.Length ?? 0)) > MaxRequestBytes)
            {
                throw new StoreException(StoreFailure.Refused, "request is too large");
            }

            if (operations.Where(operation => operation.RangeEnd.Length == 0).GroupBy(operation => operation.Key).Any(group => group.Count() > 1))
            {
                throw new StoreException(StoreFailure.Refused, "duplicate key given in txn request");
            }

            if (operations.Any(operation => operation.Lease != 0 && !_leases.ContainsKey(operation.Lease)))
            {
                throw new StoreException(StoreFailure.LeaseNotFound, "requested lease not found");
            }

            if (fence is not null && (!_keys.TryGetValue(fence.Key, out var held) || held.CreateRevision != fence.CreateRevision))
            {
                throw new StoreException(StoreFailure.Fenced, $"'{fence.Key}' is gone");
            }

            Applying?.Invoke(operations);
            Apply(operations);
            Transactions.Add(operations);
            return Revision;
        }
    }

    private void Apply(IReadOnlyList<StoreOperation> operations)
    {
        Revision++;
        foreach (var operation in operations)
        {
            if (operation.Value is { } value)
            {
                _keys[operation.Key] = new StoreEntry(operation.Key, value, operation.Lease, CreatedAt(operation.Key));
            }
            else
            {
                var range = new SourceRange(operation.Key, operation.RangeEnd);
                foreach (var key in _keys.Keys.Where(key => InRange(key, range)).ToList())
                {
                    _keys.Remove(key);
                }
            }
        }
    }

    private long CreatedAt(string key) => _keys.TryGetValue(key, out var known) ? known.CreateRevision : Revision;

    private StorePage List(SourceRange range, string? fromKey, int limit)
    {
        Check();
        lock (_lock)
        {
            Expire();
            var found = _keys.Values
                .Where(entry => InRange(entry.Key, range) && (fromKey is null || string.CompareOrdinal(entry.Key, fromKey) >= 0))
                .Take(limit + 1).ToList();
            var more = found.Count > limit;
            var page = more ? found[..limit] : found;
            return new StorePage(page, Revision, more ? page[^1].Key + "\0" : null);
        }
    }

    private List<long> Renew(IReadOnlyList<long> leases)
    {
        Check();
        lock (_lock)
        {
            Expire();
            foreach (var lease in leases.Where(_leases.ContainsKey))
            {
                _leases[lease] = (_leases[lease].TimeToLive, time.GetUtcNow() + _leases[lease].TimeToLive);
            }

            return [.. leases.Where(lease => !_leases.ContainsKey(lease))];
        }
    }

    private void Expire()
    {
        var now = time.GetUtcNow();
        foreach (var lease in _leases.Where(lease => lease.Value.Expiry <= now).Select(lease => lease.Key).ToList())
        {
            _leases.Remove(lease);
            DeleteKeysOf(lease);
        }
    }

    private void DeleteKeysOf(long lease)
    {
        Revision++;
        foreach (var key in _keys.Values.Where(entry => entry.Lease == lease).Select(entry => entry.Key).ToList())
        {
            _keys.Remove(key);
        }
    }

    private sealed class Connection(FakeLocalEtcd etcd) : ILocalStore
    {
        private readonly int _life = etcd._life;

        private bool _isClosed;

        public string Endpoint => "fake:2379";

        public ulong EtcdClusterId { get; } = etcd.ClusterId;

        public long OpenedAtRevision { get; } = etcd.Revision;

        public Task<long> TransactAsync(IReadOnlyList<StoreOperation> operations, StoreFence? fence, CancellationToken cancellationToken) =>
            Call(() => etcd.Transact(operations, fence));

        public Task<StorePage> ListAsync(SourceRange range, string? fromKey, int limit, CancellationToken cancellationToken) =>
            Call(() => etcd.List(range, fromKey, limit));

        public Task<long> GrantAsync(TimeSpan timeToLive, CancellationToken cancellationToken) => Call(() =>
        {
            etcd.Check();
            return etcd.Grant(timeToLive);
        });

        public Task<IReadOnlyList<long>> RenewAsync(IReadOnlyList<long> leases, CancellationToken cancellationToken) =>
            Call<IReadOnlyList<long>>(() => etcd.Renew(leases));

        public Task RevokeAsync(long lease, CancellationToken cancellationToken) => Call(() =>
        {
            etcd.Check();
            etcd.Revoke(lease);
            return 0;
        });

        public ValueTask DisposeAsync()
        {
            _isClosed = true;
            return ValueTask.CompletedTask;
        }

        private Task<T> Call<T>(Func<T> call)
        {
            try
            {
                return _isClosed || _life != etcd._life
                    ? Task.FromException<T>(new StoreException(StoreFailure.Unavailable, "the connection is closed"))
                    : Task.FromResult(call());
            }
            catch (StoreException e)
            {
                return Task.FromException<T>(e);
            }
        }
    }
}
