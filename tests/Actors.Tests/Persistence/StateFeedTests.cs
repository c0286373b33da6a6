using CsCheck;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.State;

namespace KvStoreMesh.Actors.Tests.Persistence;

/// <summary>
/// Whatever the order of groups, writes, failed writes, removals and lost replicas: what is stored is always the state after some
/// whole group of the present life, and in the end after the last one.
/// </summary>
public sealed class StateFeedTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);

    private enum Act
    {
        Group,
        Write,
        FailedWrite,
        WriteBegins,
        WriteEnds,
        WriteFails,
        Remove,
        LoseReplica,
        Refill,
        LoseStore,
        AnswerLost,
    }

    [Fact]
    public async Task What_is_stored_is_always_whole_and_never_of_a_removed_life()
    {
        var acts = Gen.Frequency(
            (10, Gen.Const(Act.Group)), (3, Gen.Const(Act.Write)), (2, Gen.Const(Act.FailedWrite)), (2, Gen.Const(Act.WriteBegins)),
            (2, Gen.Const(Act.WriteEnds)), (2, Gen.Const(Act.WriteFails)), (1, Gen.Const(Act.Remove)), (1, Gen.Const(Act.LoseReplica)), (2, Gen.Const(Act.Refill)),
            (1, Gen.Const(Act.LoseStore)), (1, Gen.Const(Act.AnswerLost)));
        await Gen.Select(acts.Array[5, 60], Gen.Int[0, int.MaxValue], Gen.Int[1, 8]).SampleAsync(
            async (sequence, seed, deletes) => await new World(seed, deletes).RunAsync(sequence), iter: 2000, threads: 1);
    }

    /// <summary>One cluster with its replica, the feed, and a store.</summary>
    private sealed class World(int seed, int deletes)
    {
        private readonly Random _random = new(seed);
        private readonly StateFeed _feed = new(new StateOptions { PendingDeletes = deletes });
        private readonly FakeEntryStores _stores = new();
        private readonly HashSet<ulong> _states = [];
        private Dictionary<MeshKey, MeshChange> _held = [];
        private IReadOnlyList<StateWrite>? _underWay;
        private SourceCheckpoint? _last;
        private bool _anew = true;
        private bool _removed;
        private long _revision = 1;
        private ulong _epoch = 1;

        public async Task RunAsync(Act[] acts)
        {
            var store = await _stores.OpenAsync(_ => { }, default);
            foreach (var act in acts)
            {
                await DoAsync(act, store);
                Check();
            }

            // The store is well again: in the end it holds what the cache does.
            if (_anew && !_removed)
            {
                Group();
            }

            await EndWriteAsync(store, fails: false);
            Refill();
            while (await WriteAsync(store))
            {
                Check();
            }

            var stored = _stores.Content.Clusters;
            if (_removed || _last is null)
            {
                Assert.Empty(stored);
            }
            else
            {
                Assert.Equal(_last.Position, CheckpointFormat.Read(stored[0].Cluster, stored[0].Checkpoint).Position);
                Assert.Equal(_held.Values.OrderBy(entry => entry.Key.Name), stored[0].Entries.OrderBy(entry => entry.Key.Name));
            }
        }

        private async Task DoAsync(Act act, IEntryStore store)
        {
            switch (act)
            {
                case Act.Group:
                    Group();
                    break;
                case Act.Write:
                    await EndWriteAsync(store, fails: false);
                    await WriteAsync(store);
                    break;
                case Act.FailedWrite:
                    await EndWriteAsync(store, fails: true);
                    _feed.Return(_feed.Take());
                    break;
                case Act.WriteBegins:
                    await EndWriteAsync(store, fails: false);
                    _underWay = _feed.Take();
                    break;
                case Act.WriteEnds:
                    await EndWriteAsync(store, fails: false);
                    break;
                case Act.WriteFails:
                    await EndWriteAsync(store, fails: true);
                    break;
                case Act.Remove:
                    _feed.Removed(Some.Cluster("ape"));
                    (_held, _anew, _removed, _last) = ([], true, true, null);
                    _states.Clear();
                    break;
                case Act.LoseReplica:
                    (_held, _anew) = ([], true);
                    break;
                case Act.Refill:
                    Refill();
                    break;
                case Act.LoseStore:
                    await EndWriteAsync(store, fails: true);
                    await store.WriteAsync([ClusterWrite.Forget(Some.Cluster("ape"))], default);
                    _feed.Loaded(_stores.Content.Clusters);
                    break;
                case Act.AnswerLost:
                    // Committed, but the connection broke before its answer came.
                    await EndWriteAsync(store, fails: false);
                    var writes = _feed.Take();
                    await store.WriteAsync([.. writes.Select(write => write.ToClusterWrite())], default);
                    _feed.Return(writes);
                    _feed.Loaded(_stores.Content.Clusters);
                    break;
            }
        }

        private void Group()
        {
            var reason = _anew ? "first list" : null;
            _epoch += _anew ? 1UL : 0;
            _revision++;
            var changes = Enumerable.Range(0, _random.Next(5)).Select(_ => new MeshKey(ResourceKind.Services, $"{_random.Next(9)}")).Distinct()
                .Select(key => _held.ContainsKey(key) && _random.Next(2) == 0
                    ? new MeshChange(key, null, _revision, 0)
                    : new MeshChange(key, [(byte)_random.Next(256)], _revision, _revision)).ToList();
            foreach (var change in changes)
            {
                _held.Remove(change.Key);
                if (!change.IsDelete)
                {
                    _held.Add(change.Key, change);
                }
            }

            var epoch = new SourceEpoch(_epoch);
            var position = new SourcePosition(epoch, _revision, Sum(_held.Values));
            _last = new(
                Some.Cluster("ape"), 1, position, _revision,
                new("config", """{"capabilities":{}}"""u8.ToArray(), 1, 1),
                [.. SourceData.Kinds.Select(kind => new ResourceCheckpoint(kind, epoch, _revision, true, null))]);
            _states.Add(position.Fingerprint);
            _feed.Applied(new(Some.Cluster("ape"), position, changes, [], reason, 0), _last, _anew, Now);
            (_anew, _removed) = (false, false);
        }

        private void Refill()
        {
            if (!_anew && _feed.Wanting().Count > 0)
            {
                _feed.Refill(Some.Cluster("ape"), [.. _held.Values]);
            }
        }

        private async Task EndWriteAsync(IEntryStore store, bool fails)
        {
            if (_underWay is { } writes)
            {
                _underWay = null;
                if (fails)
                {
                    _feed.Return(writes);
                    return;
                }

                await store.WriteAsync([.. writes.Select(write => write.ToClusterWrite())], default);
                _feed.Written(writes);
            }
        }

        private async Task<bool> WriteAsync(IEntryStore store)
        {
            _underWay = _feed.Take();
            var any = _underWay.Count > 0;
            await EndWriteAsync(store, fails: false);
            return any;
        }

        // As SourceReplica.Restore: entries and checkpoint are of one state. Of a removed life something may still be there, but
        // never under a state of the present one.
        private void Check()
        {
            foreach (var stored in _stores.Content.Clusters)
            {
                var checkpoint = CheckpointFormat.Read(stored.Cluster, stored.Checkpoint);
                Assert.Equal(checkpoint.Position.Fingerprint, Sum(stored.Entries));
            }
        }

        private static ulong Sum(IEnumerable<MeshChange> entries) => entries.Aggregate(
            0UL, (sum, entry) => sum + SourceFingerprint.Of(entry.Key, entry.Value, entry.Revision, entry.CreateRevision));
    }
}
