using System.Collections.Immutable;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// The replicated state of every cluster, and the log from which any number of readers follow it.
/// </summary>
/// <remarks>
/// One writer (<see cref="Apply"/>, <see cref="Remove"/>); readers on any thread, without a lock that a writer could
/// wait for longer than it takes to copy one cluster's references. A group becomes visible as a whole: the head moves
/// once per group.
/// <para>
/// How a reader starts: take <see cref="Head"/> as its cursor, then a <see cref="Snapshot"/> of each cluster. The content
/// is always at least as new as the head, so the snapshot holds everything up to the cursor; of what follows, records of
/// that cluster up to the snapshot's seq are to be skipped.
/// </para>
/// </remarks>
public sealed class MeshCache
{
    private readonly MeshCacheOptions _options;
    private readonly DeltaRing _ring;
    private volatile ImmutableSortedDictionary<ClusterName, CachedCluster> _clusters = ImmutableSortedDictionary<ClusterName, CachedCluster>.Empty;
    private volatile ImmutableDictionary<uint, ClusterName> _names = ImmutableDictionary<uint, ClusterName>.Empty;
    private long _lastRemoval;
    private uint _lastIndex;

    /// <summary>Creates an empty cache.</summary>
    public MeshCache(MeshCacheOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.RingBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.SegmentBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.SnapshotChunkBytes);
        _options = options;
        _ring = new(options.RingBytes, options.SegmentBytes);
    }

    /// <summary>Raised on the writer's thread after the head moved. Handlers only signal; they must not block or throw.</summary>
    public event Action? Published;

    /// <summary>The seq of the last published record or mark; 0 at the start.</summary>
    public long Head => _ring.Head;

    /// <summary>Readers whose cursor is below it need a snapshot.</summary>
    public long Horizon => _ring.Horizon;

    /// <summary>The seq of the last ClusterGone; 0 if there was none. What stands before it tells of clusters that are no more.</summary>
    public long LastRemoval => Volatile.Read(ref _lastRemoval);

    /// <summary>The cluster that has or had an index; null if there was none.</summary>
    public ClusterName? NameOf(uint index) => _names.TryGetValue(index, out var name) ? name : null;

    /// <summary>The clusters, by name.</summary>
    public ImmutableArray<MeshClusterView> Clusters => [.. _clusters.Values.Select(cluster => cluster.View)];

    /// <summary>
    /// Applies a group and publishes it. A cluster seen first, or with a new epoch, gets an EpochChange mark before it.
    /// Nothing is published of a put that is held already, with the same value and revision, or, since the epoch
    /// changed, with the same value. Once a resource is synced in an epoch, what earlier epochs left of it is deleted.
    /// </summary>
    public void Apply(ClusterDelta delta)
    {
        if (!_clusters.TryGetValue(delta.Cluster, out var cluster))
        {
            cluster = new(delta.Cluster, ++_lastIndex, _ring.NextSeq, _options);
            cluster.Apply(delta, _ring);
            _names = _names.Add(_lastIndex, delta.Cluster);
            _clusters = _clusters.Add(delta.Cluster, cluster);
        }
        else
        {
            cluster.Apply(delta, _ring);
        }

        Publish();
    }

    /// <summary>
    /// Forgets a cluster and publishes ClusterGone. One that was never seen is named too, with index 0: a reader may hold
    /// it since an earlier start of the daemon.
    /// </summary>
    public void Remove(ClusterName cluster)
    {
        var index = 0u;
        if (_clusters.TryGetValue(cluster, out var known))
        {
            index = known.View.Index;
            _clusters = _clusters.Remove(cluster);
        }

        Volatile.Write(ref _lastRemoval, _ring.NextSeq);
        _ring.AppendMark(MarkEncoding.ClusterGone(cluster, index, _ring.NextSeq), index, timestamp: null);
        Publish();
    }

    /// <summary>
    /// Reads what follows the cursor: records up to about <paramref name="maxBytes"/> (at least one), or one mark. Ends
    /// with a whole group where one fits. Allocates nothing, and the bytes stay valid as long as they are held.
    /// </summary>
    /// <param name="cursor">The seq of the last record or mark that the reader has, or 0.</param>
    /// <param name="maxBytes">The wanted size of the range.</param>
    public RingRead Read(long cursor, int maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cursor);
        return _ring.Read(cursor, maxBytes);
    }

    /// <summary>As above, of what a reader wants only. Copies what it returns, and may return a range without bytes.</summary>
    /// <param name="cursor">The last seq that the reader has.</param>
    /// <param name="maxBytes">The wanted size of the range.</param>
    /// <param name="wanted">What the reader wants to see.</param>
    public RingRead Read(long cursor, int maxBytes, Func<RingSubject, bool> wanted)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cursor);
        ArgumentNullException.ThrowIfNull(wanted);
        return _ring.Read(cursor, maxBytes, wanted);
    }

    /// <summary>
    /// What is different in a cluster since a reader stood at a seq; null if the cluster is unknown, if a deletion since
    /// then may have been forgotten, or if a snapshot is cheaper.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="since">The reader has everything of it up to here.</param>
    /// <param name="resources">What the reader wants to see.</param>
    public ClusterDiff? Diff(ClusterName cluster, long since, ResourceSet resources) =>
        _clusters.TryGetValue(cluster, out var known) ? known.Diff(since, resources) : null;

    /// <summary>Where a subscriber that comes back stands in the log; null if it has to start anew.</summary>
    public ResumePoint? Resume(ClusterName cluster, in ResumeToken token, ResourceSet resources) =>
        _clusters.TryGetValue(cluster, out var known) && token.Seq <= Head ? known.Resume(token, resources) : null;

    /// <summary>The cluster as of now, shared with other readers while it is unchanged; null if it is unknown.</summary>
    public ClusterSnapshot? Snapshot(ClusterName cluster) => _clusters.TryGetValue(cluster, out var known) ? known.Snapshot() : null;

    /// <summary>
    /// Everything that is held of a cluster, as puts; none if it is unknown. A key that its source's present history has not shown yet has
    /// revision 0. Costs a reference for each key; not for readers, who share snapshots.
    /// </summary>
    public IReadOnlyList<MeshChange> Entries(ClusterName cluster) => _clusters.TryGetValue(cluster, out var known) ? known.Entries() : [];

    /// <summary>
    /// When the source's answer that led to <paramref name="seq"/> was read; false once the ring no longer holds it, and
    /// for ClusterGone, which no source caused.
    /// </summary>
    public bool TryGetReadTimestamp(long seq, out long timestamp) => _ring.TryGetTimestamp(seq, out timestamp);

    private void Publish()
    {
        if (_ring.NextSeq - 1 > _ring.Head)
        {
            _ring.Publish();
            Published?.Invoke();
        }
    }
}
