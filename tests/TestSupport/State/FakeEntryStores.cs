using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.TestSupport.State;

/// <summary>A database in memory that outlives its connections, and fails when told to.</summary>
public sealed class FakeEntryStores : IEntryStoreConnector
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ClusterName, (byte[] Checkpoint, DateTimeOffset ProvedAt, Dictionary<MeshKey, MeshChange> Entries)> _clusters = [];
    private bool _open;

    /// <inheritdoc />
    public string Location => "memory";

    /// <summary>Thrown by the next opening, while it is set.</summary>
    public EntryStoreException? OpenFailure { get; set; }

    /// <summary>Thrown by every write, while it is set.</summary>
    public EntryStoreException? WriteFailure { get; set; }

    /// <summary>The next opening waits for it, while it is set: a server that does not answer.</summary>
    public TaskCompletionSource? OpenDelay { get; set; }

    /// <summary>Every write waits for it, while it is set: a slow disk.</summary>
    public TaskCompletionSource? Slowness { get; set; }

    /// <summary>Clusters that cannot be read.</summary>
    public List<(ClusterName, string)> Damaged { get; } = [];

    /// <summary>Transactions committed.</summary>
    public int Writes { get; private set; }

    /// <summary>What is stored now.</summary>
    public StoredMesh Content
    {
        get
        {
            lock (_lock)
            {
                return new(
                    [.. _clusters.Select(cluster => new StoredCluster(
                        cluster.Key, [.. cluster.Value.Entries.Values], cluster.Value.Checkpoint, cluster.Value.ProvedAt))],
                    [.. Damaged]);
            }
        }
    }

    /// <summary>Changes what is stored of a cluster behind everybody's back.</summary>
    public void Tamper(ClusterName cluster, Func<StoredCluster, StoredCluster> change)
    {
        lock (_lock)
        {
            var (checkpoint, provedAt, entries) = _clusters[cluster];
            var changed = change(new(cluster, [.. entries.Values], checkpoint, provedAt));
            _clusters[cluster] = (changed.Checkpoint, changed.ProvedAt, changed.Entries.ToDictionary(entry => entry.Key));
        }
    }

    /// <inheritdoc />
    public async Task<IEntryStore> OpenAsync(Action<string> notice, CancellationToken cancellationToken)
    {
        await (OpenDelay?.Task ?? Task.CompletedTask).WaitAsync(cancellationToken);
        lock (_lock)
        {
            if (OpenFailure is { } failure)
            {
                throw failure;
            }

            if (_open)
            {
                throw new EntryStoreException(EntryStoreFault.Unavailable, "memory is in use by another kvstoremesh");
            }

            _open = true;
            return new Store(this);
        }
    }

    private async Task WriteAsync(IReadOnlyList<ClusterWrite> writes, CancellationToken cancellationToken)
    {
        if (Slowness is { } slowness)
        {
            await slowness.Task.WaitAsync(cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (WriteFailure is { } failure)
        {
            throw failure;
        }

        lock (_lock)
        {
            Writes++;
            foreach (var write in writes)
            {
                Apply(write);
            }
        }
    }

    private void Apply(ClusterWrite write)
    {
        if (write.Checkpoint is not { } checkpoint)
        {
            _clusters.Remove(write.Cluster);
            return;
        }

        var entries = _clusters.TryGetValue(write.Cluster, out var known) && !write.Replaces ? known.Entries : [];
        foreach (var change in write.Changes)
        {
            entries.Remove(change.Key);
            if (!change.IsDelete)
            {
                entries.Add(change.Key, change);
            }
        }

        _clusters[write.Cluster] = (checkpoint, write.ProvedAt, entries);
    }

    private sealed class Store(FakeEntryStores stores) : IEntryStore
    {
        public Task<StoredMesh> LoadAsync(CancellationToken cancellationToken) => Task.FromResult(stores.Content);

        public Task WriteAsync(IReadOnlyList<ClusterWrite> writes, CancellationToken cancellationToken) => stores.WriteAsync(writes, cancellationToken);

        public Task<long> MeasureAsync(CancellationToken cancellationToken) =>
            Task.FromResult(1 + stores.Content.Clusters.Sum(cluster => cluster.Entries.Sum(entry => (long)entry.Value!.Length)));

        public ValueTask DisposeAsync()
        {
            lock (stores._lock)
            {
                stores._open = false;
            }

            return ValueTask.CompletedTask;
        }
    }
}
