using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Sources;

/// <content>What outlives a restart: <see cref="Checkpoint"/> is kept with each delta, <see cref="Restore"/> takes it over.</content>
public sealed partial class SourceReplica
{
    private ulong Fingerprint => _resources.Aggregate(0UL, (sum, resource) => sum + resource.Fingerprint);

    /// <summary>
    /// What to keep with the last delta, after it: its changes applied to the entries that were kept before, and this, are
    /// one state. Null while there is none: before the first list, and from <see cref="BeginResync"/> to the end of its list
    /// (then what was kept last still holds).
    /// </summary>
    public SourceCheckpoint? Checkpoint() => Position is { } position && !_resyncing
        ? new(
            Cluster,
            _history.EtcdClusterId,
            position,
            _history.Revision,
            _configEntry,
            [.. _resources.Select(resource => resource.Checkpoint())])
        : null;

    /// <summary>
    /// Starts with what was kept, on a replica that is still empty. It is the last known state, and nothing counts as
    /// synced before the source has been compared with it, by a resume or by lists.
    /// </summary>
    /// <param name="checkpoint">What <see cref="Checkpoint"/> returned.</param>
    /// <param name="entries">Every key that was held then, in any order; the config may be among them.</param>
    /// <param name="readTimestamp">Now, <see cref="TimeProvider.GetTimestamp"/>.</param>
    /// <returns>All of it as one group, for a cache that is still empty of the cluster: in the epoch it had, without anything synced;
    /// revision 0 where the resource is not listed in that epoch yet.</returns>
    /// <exception cref="InvalidDataException">The entries and the checkpoint are not of one state: start without them.</exception>
    /// <exception cref="InvalidOperationException">The replica is not empty.</exception>
    public ClusterDelta Restore(SourceCheckpoint checkpoint, IEnumerable<MeshChange> entries, long readTimestamp)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (Layout is not null)
        {
            throw new InvalidOperationException($"{Cluster}: only an empty replica can be restored");
        }

        var (config, layout) = Understand(checkpoint);
        var kept = checkpoint.Resources.ToDictionary(resource => resource.Kind);
        List<MeshChange> puts = [.. entries.Where(entry => entry.Key.Kind != ResourceKind.ClusterConfig).OrderBy(entry => entry.Key.Kind)];
        var fingerprint = puts.Aggregate(0UL, (sum, put) => sum + SourceFingerprint.Of(put.Key, put.Value, put.Revision, put.CreateRevision));
        if (puts.Any(put => put.IsDelete || !kept.ContainsKey(put.Key.Kind)) || fingerprint != checkpoint.Position.Fingerprint)
        {
            throw new InvalidDataException(
                $"{Cluster}: what was kept of it is damaged: {puts.Count} keys do not have the fingerprint {checkpoint.Position.Fingerprint:x16}");
        }

        foreach (var resource in _resources)
        {
            resource.Restore(kept[resource.Kind], puts.Where(put => put.Key.Kind == resource.Kind));
        }

        // Until the source has shown that it still holds.
        IsProving = true;
        var entry = checkpoint.Config;
        (Config, Layout, _configEntry, _position) = (config, layout, entry, checkpoint.Position);
        _history.Restore(checkpoint.EtcdClusterId, checkpoint.ReachedRevision, config.Capabilities.Cached, layout);
        var configPut = new MeshChange(MeshKey.ClusterConfig, entry.Value, entry.ModRevision, entry.CreateRevision);
        _config.Restore(
            new(ResourceKind.ClusterConfig, checkpoint.Position.Epoch, entry.ModRevision, IsSynced: true, LastChange: null), [configPut]);

        // Revisions of an earlier history would be taken for newer than those that follow.
        var shown = puts.Select(put => Of(put.Key.Kind).Epoch == checkpoint.Position.Epoch ? put : put with { Revision = 0, CreateRevision = 0 });
        return new(Cluster, Position!.Value, [configPut, .. shown], [], "restored", readTimestamp);
    }

    private (CiliumClusterConfig Config, SourceLayout Layout) Understand(SourceCheckpoint checkpoint)
    {
        var kinds = checkpoint.Resources.Select(resource => resource.Kind);
        if (checkpoint.Cluster != Cluster || !_resources.Select(resource => resource.Kind).SequenceEqual(kinds.Order()))
        {
            throw new InvalidDataException($"{Cluster}: what was kept is of {checkpoint.Cluster} or of other resources");
        }

        return CiliumClusterConfig.TryParse(checkpoint.Config.Value, out var config, out var error)
            ? (config, new SourceLayout(Cluster, config.Capabilities))
            : throw new InvalidDataException($"{Cluster}: the config that was kept is invalid: {error}");
    }
}
