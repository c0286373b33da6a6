using System.Globalization;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.Identities;

/// <summary>
/// All identities by number: the reserved ones, those of the clusters, and those that this node gave out. Values have been
/// validated before they come here, so no two clusters claim one number. Not thread-safe: owned by the apply loop.
/// </summary>
public sealed class IdentityTable
{
    private readonly Dictionary<uint, SecurityIdentity> _identities = ReservedIdentities.All.ToDictionary(identity => identity.Id);
    private readonly Dictionary<string, SortedSet<uint>> _local = [];
    private readonly HashSet<uint> _changed = [.. ReservedIdentities.All.Select(identity => identity.Id)];
    private readonly ClusterName? _localCluster;

    /// <summary>Creates a table of the reserved identities.</summary>
    /// <param name="localCluster">The cluster whose identities local endpoints may have.</param>
    public IdentityTable(ClusterName? localCluster) => _localCluster = localCluster;

    /// <summary>Every identity.</summary>
    public IReadOnlyCollection<SecurityIdentity> All => _identities.Values;

    /// <summary>Takes a cluster's identity in place of the one with this number, if any.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="keyName">The key without the resource's prefix: the number.</param>
    /// <param name="labels">The labels.</param>
    public void Upsert(ClusterName cluster, string keyName, IdentityLabels labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var identity = new SecurityIdentity(uint.Parse(keyName, CultureInfo.InvariantCulture), labels.Labels);
        Remove(cluster, keyName);
        Add(identity);
        if (cluster == _localCluster)
        {
            var key = SecurityIdentity.KeyOf(labels.Labels);
            if (!_local.TryGetValue(key, out var numbers))
            {
                _local.Add(key, numbers = []);
            }

            numbers.Add(identity.Id);
        }
    }

    /// <summary>Forgets a cluster's identity.</summary>
    public void Remove(ClusterName cluster, string keyName)
    {
        if (!NumericIdentity.TryParse(keyName, out var id) || !_identities.TryGetValue(id, out var identity))
        {
            return;
        }

        Remove(id);
        var key = SecurityIdentity.KeyOf(identity.Labels);
        if (cluster == _localCluster && _local.TryGetValue(key, out var numbers) && numbers.Remove(id) && numbers.Count == 0)
        {
            _local.Remove(key);
        }
    }

    /// <summary>Takes an identity that this node gave out.</summary>
    public void Add(SecurityIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        _identities[identity.Id] = identity;
        _changed.Add(identity.Id);
    }

    /// <summary>Forgets an identity that this node gave out.</summary>
    public void Remove(uint id)
    {
        if (_identities.Remove(id))
        {
            _changed.Add(id);
        }
    }

    /// <summary>Finds an identity; null if the number means nothing.</summary>
    public SecurityIdentity? Find(uint id) => _identities.GetValueOrDefault(id);

    /// <summary>The local cluster's identity with exactly these labels, the lowest number if there are several; null if there is none.</summary>
    public uint? FindLocal(IEnumerable<IdentityLabel> labels) =>
        _local.TryGetValue(SecurityIdentity.KeyOf(labels), out var numbers) ? numbers.Min : null;

    /// <summary>The numbers that may mean something else since the last call.</summary>
    public IReadOnlyCollection<uint> TakeChanged()
    {
        uint[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }
}
