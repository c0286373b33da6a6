using Akka.Actor;
using KvStoreMesh.Actors.Caching;
using KvStoreMesh.Actors.Persistence;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <content>Beginning with what was stored, and what the cache is told for the store.</content>
internal sealed partial class RemoteClusterActor
{
    private DeltaOrigin _origin = DeltaOrigin.SourceAnew;
    private DateTimeOffset? _restoredProof;

    /// <summary>The last known state goes to the cache before the first attempt to connect; the connection waits for it, nobody else does.</summary>
    private void Restore()
    {
        var stored = _handover.Stored;
        _handover.Stored = null;
        if (stored is null || _ports.State is not { } state)
        {
            return;
        }

        try
        {
            var checkpoint = CheckpointFormat.Read(stored.Cluster, stored.Checkpoint);
            _sync.Restore(checkpoint, stored.Entries, _ports.Time.GetTimestamp());
            state.Restored(stored, checkpoint);
            _restoredProof = stored.ProvedAt;
            state.Logger.Restored(stored.Cluster, Now - stored.ProvedAt, checkpoint.Position.Revision, stored.Entries.Count);
            _ports.Cache.Tell(new ApplyDelta(_sync.Pending!, null, DeltaOrigin.Stored));
            _origin = DeltaOrigin.Source;
        }
        catch (InvalidDataException error)
        {
            state.Logger.ColdStart(stored.Cluster, $"{error.Message} (in {state.Connector.Location})");
        }
    }

    /// <summary>Once for each group: the checkpoint is that of the replica now, which takes nothing in before the cache has answered.</summary>
    private void Deliver()
    {
        var checkpoint = _ports.State is null ? null : _sync.Replica.Checkpoint();
        _ports.Cache.Tell(new ApplyDelta(_sync.Pending!, checkpoint, _origin));
        _origin = DeltaOrigin.Source;
    }

    private RemoteClusterStatus Stored(RemoteClusterStatus status)
    {
        if (_restoredProof is { } proof)
        {
            if (!_sync.Replica.IsFullySynced)
            {
                return status with { IsRestored = true, LastProof = status.LastProof ?? proof };
            }

            _restoredProof = null;
        }

        if (status is { IsReady: true, LastProof: { } proved })
        {
            _ports.State?.Proved(status.Definition.Cluster, proved);
        }

        return status;
    }
}
