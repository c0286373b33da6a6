using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <summary>
/// What is known of one source, and the rules that turn lists and watch events into <see cref="ClusterDelta"/>s.
/// </summary>
/// <remarks>
/// The order of calls, driven by the owner (one thread at a time):
/// <code>
/// BeginResync(config at revision R)          after each (re)connection, or when the config changed
///   SeeCanaries(canaries listed at R)        → the resources that may be listed
///   BeginList, AddPage…, EndList at R        → one delta: what differs, deletions last
/// watch from R + 1:
///   Apply(batch)                             → a delta, and resources whose canary appeared:
///     BeginList, AddPage…, EndList at batch.Revision, before the watch is read further
/// </code>
/// Listing at the very revision at which the watch stands needs no overlap and no buffer: what is listed is exactly
/// the state before the next event. Until <see cref="EndList"/> nothing that was known is given up, and an aborted
/// list (a new BeginResync or BeginList) changes nothing.
/// </remarks>
public sealed class SourceReplica
{
    /// <summary>Creates an empty replica.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="random">Mints epochs.</param>
    public SourceReplica(ClusterName cluster, Random random) => throw new NotImplementedException();

    /// <summary>The cluster.</summary>
    public ClusterName Cluster => throw new NotImplementedException();

    /// <summary>The config in force; null before the first <see cref="BeginResync"/>.</summary>
    public CiliumClusterConfig? Config => throw new NotImplementedException();

    /// <summary>Where the config's resources live at the source; null before the first <see cref="BeginResync"/>.</summary>
    public SourceLayout? Layout => throw new NotImplementedException();

    /// <summary>Where the replica stands; null before the first complete list.</summary>
    public SourcePosition? Position => throw new NotImplementedException();

    /// <summary>Keys known of a resource.</summary>
    public int Count(ResourceKind kind) => throw new NotImplementedException();

    /// <summary>Every key the source holds of this resource is known, or the source does not have the resource.</summary>
    public bool IsSynced(ResourceKind kind) => throw new NotImplementedException();

    /// <summary>Every resource is synced.</summary>
    public bool IsFullySynced => throw new NotImplementedException();

    /// <summary>Keys that were refused since the start because they are not text (UTF-8).</summary>
    public long RefusedKeys => throw new NotImplementedException();

    /// <summary>
    /// Starts anew at a revision, with the config read at it. Decides whether the history is still the same: another
    /// etcd cluster or a lower revision is a new epoch.
    /// </summary>
    public void BeginResync(ulong etcdClusterId, long revision, CiliumClusterConfig config, SourceEntry configEntry) =>
        throw new NotImplementedException();

    /// <summary>Takes note of canaries and returns the resources that have become ready to be listed.</summary>
    public IReadOnlyList<ResourceKind> SeeCanaries(IEnumerable<string> keys) => throw new NotImplementedException();

    /// <summary>Starts a list of resources, all at one revision; discards an unfinished one.</summary>
    public void BeginList(IReadOnlyList<ResourceKind> kinds, long revision) => throw new NotImplementedException();

    /// <summary>Takes one page of a resource's list.</summary>
    public void AddPage(ResourceKind kind, SourcePage page) => throw new NotImplementedException();

    /// <summary>
    /// Ends the list: what it held and is not known yet is put, what is known and was not listed is deleted, and
    /// nothing else is touched. After a resync the delta also carries the config, and what the source no longer offers is deleted.
    /// </summary>
    public ClusterDelta EndList(long readTimestamp) => throw new NotImplementedException();

    /// <summary>Applies a watch batch. Events of resources not listed yet are dropped: their list will hold them.</summary>
    public WatchStep Apply(SourceBatch batch) => throw new NotImplementedException();
}
