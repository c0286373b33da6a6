using System.Text;
using KvStoreMesh.Core.Cache;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Tests.Cache;

/// <summary>One of several daemons that watch the same source: with an epoch, a cache and a pace of its own.</summary>
internal sealed class RoamingDaemon
{
    public static readonly ClusterName Cluster = ClusterName.Parse("ape");

    private static readonly ResourceKind[] All = [.. Enum.GetValues<ResourceKind>().Where(kind => kind != ResourceKind.ClusterConfig)];

    private readonly RoamingSource _source;
    private readonly bool _fingerprints;

    public RoamingDaemon(RoamingSource source, Random random, ulong epoch, bool fingerprints, int listedAt)
    {
        (_source, _fingerprints, Epoch) = (source, fingerprints, new(epoch));
        Cache = new(new()
        {
            RingBytes = 300 << random.Next(6), SegmentBytes = 100 << random.Next(3), Tombstones = random.Next(12), SnapshotChunkBytes = 64 << random.Next(4),
        });
        Revision = listedAt;
        Apply([.. _source.States[listedAt].Select(Put)], All, "first list");
    }

    /// <summary>Numbers of another cache mean nothing.</summary>
    public Guid Instance { get; } = Guid.NewGuid();

    public SourceEpoch Epoch { get; }

    public MeshCache Cache { get; }

    public int Revision { get; private set; }

    public MeshClusterView View => Cache.Clusters.Single();

    /// <summary>The watch brings so many revisions as one batch.</summary>
    public void Watch(int revisions)
    {
        var to = Math.Min(Revision + revisions, _source.Revision);
        var changes = Enumerable.Range(Revision + 1, to - Revision).SelectMany(revision => _source.Changes[revision]).ToList();
        Revision = to;
        Apply(changes, [], null);
    }

    /// <summary>The watch could not go on: a list says what is different, and not what was there in between.</summary>
    public void Relist()
    {
        var before = _source.States[Revision];
        Revision = _source.Revision;
        var now = _source.States[Revision];
        Apply([.. now.Select(Put), .. before.Keys.Except(now.Keys).Select(key => new MeshChange(key, null, Revision, 0))], All, null);
    }

    private static MeshChange Put(KeyValuePair<MeshKey, RoamingSource.Entry> pair) =>
        new(pair.Key, Encoding.UTF8.GetBytes(pair.Value.Value), pair.Value.Revision, pair.Value.CreateRevision);

    private void Apply(List<MeshChange> changes, IReadOnlyList<ResourceKind> synced, string? reason) => Cache.Apply(new(
        Cluster, new(Epoch, Revision, _fingerprints ? _source.FingerprintAt(Revision) : 0), changes, synced, reason, 1));
}
