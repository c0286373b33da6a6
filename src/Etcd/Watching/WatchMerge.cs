using Etcdserverpb;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Rpc;

namespace KvStoreMesh.Etcd.Watching;

/// <summary>
/// Turns the responses of one watch stream into batches and decides what each of them may claim. Pure; one thread at a time.
/// </summary>
/// <remarks>
/// <para>
/// etcd runs one watcher a range. Each delivers whole revisions in ascending order, but one that fell behind catches up by
/// itself while the others go on, and a quiet one says nothing. So events prove something about their own range only, and a
/// batch holds one range's. The response's header is no proof at all: while a watcher catches up it carries the store's
/// revision, far ahead of the events.
/// </para>
/// <para>
/// A progress notification proves that its own watcher has delivered everything up to its header. What all ranges have
/// reached is the least of their proofs; when that exceeds everything announced before, it is a batch without events.
/// </para>
/// </remarks>
internal sealed class WatchMerge(string endpoint, ClusterIdGuard guard, UnreadableKeys unreadable, long lastStart)
{
    /// <summary>The watch ID of answers that are about no watch; the ones to manual progress requests, which are never sent.</summary>
    private const long NoWatch = -1;

    private readonly Dictionary<long, WatchedRange> _ranges = [];
    private long _announced = lastStart - 1;

    /// <summary>Takes note that a range's watch was accepted.</summary>
    public void Created(WatchStart start, WatchResponse response)
    {
        guard.Check(response.Header);
        var what = RpcFailure.Describe(start.Range);
        if (response.Canceled)
        {
            throw Cancelled(what, response);
        }

        // etcd would wait silently until it reaches the revision, having passed by everything before it.
        if (response.Header.Revision < start.Revision - 1)
        {
            throw new SourceException(
                SourcePhase.Protocol,
                $"{endpoint} is at revision {response.Header.Revision}, before the wanted {start.Revision}: it was restored or replaced");
        }

        _ranges.Add(response.WatchId, new WatchedRange(what, start.Revision - 1));
    }

    /// <summary>Takes the next response.</summary>
    /// <returns>A batch, or null if the response says nothing new.</returns>
    /// <exception cref="SourceException">The watch is over.</exception>
    public SourceBatch? Accept(WatchResponse response, long readTimestamp)
    {
        guard.Check(response.Header);
        if (!_ranges.TryGetValue(response.WatchId, out var range))
        {
            return response is { WatchId: NoWatch, Canceled: false }
                ? null
                : throw new SourceException(SourcePhase.Watch, $"{endpoint} ended a watch: {Reason(response)}");
        }

        if (response.Canceled)
        {
            throw Cancelled(range.Description, response);
        }

        return response.Events.Count > 0 ? Events(range, response, readTimestamp) : Progress(range, response, readTimestamp);
    }

    private static string Reason(WatchResponse response) =>
        response.CancelReason.Length > 0 ? response.CancelReason : "without a reason";

    private SourceBatch? Events(WatchedRange range, WatchResponse response, long readTimestamp)
    {
        var events = new List<SourceEvent>(response.Events.Count);
        var revision = range.Delivered;
        foreach (var change in response.Events)
        {
            var pair = change.Kv;
            // Old servers re-deliver after a partition and deliver old events to a watch of the future (etcd #15271, #20221).
            if (pair.ModRevision <= range.Delivered || pair.ModRevision < revision)
            {
                throw new SourceException(
                    SourcePhase.Protocol,
                    $"{endpoint} delivered revision {pair.ModRevision} of {range.Description} after {revision}: its order cannot be trusted");
            }

            revision = pair.ModRevision;
            if (KeyText.TryRead(pair.Key, out var key))
            {
                events.Add(change.Type == Mvccpb.Event.Types.EventType.Delete
                    ? new SourceEvent(key, null, revision, 0)
                    : new SourceEvent(key, KeyText.Value(pair.Value), revision, pair.CreateRevision));
            }
        }

        range.Delivered = revision;
        unreadable.Add(response.Events.Count - events.Count);
        if (events.Count == 0)
        {
            return null;
        }

        _announced = Math.Max(_announced, revision);
        return new SourceBatch(events, revision, readTimestamp);
    }

    private SourceBatch? Progress(WatchedRange range, WatchResponse response, long readTimestamp)
    {
        range.Delivered = Math.Max(range.Delivered, response.Header.Revision);
        var all = _ranges.Values.Min(r => r.Delivered);
        if (all <= _announced)
        {
            return null;
        }

        _announced = all;
        return new SourceBatch([], all, readTimestamp);
    }

    private SourceException Cancelled(string what, WatchResponse response)
    {
        if (response.CompactRevision > 0)
        {
            return RpcFailure.IsCompacted(SourcePhase.Watch, what, endpoint, null);
        }

        return response.CancelReason.Contains("permission denied", StringComparison.Ordinal)
            ? RpcFailure.Denied(what, endpoint, null)
            : new SourceException(SourcePhase.Watch, $"{endpoint} ended the watch of {what}: {Reason(response)}");
    }

    private sealed class WatchedRange(string description, long delivered)
    {
        public string Description => description;

        /// <summary>Everything of the range up to this revision has been read.</summary>
        public long Delivered { get; set; } = delivered;
    }
}
