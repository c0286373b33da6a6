using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Replicator.ClusterConfigs;

/// <summary>
/// The clusters that the directory's files stand for, and what each further look at them changes. As Cilium's
/// <c>configDirectoryWatcher</c>: a file is a cluster's configuration if it contains <c>endpoints:</c>, its name is the
/// cluster's, and it changed if its SHA-256 did.
/// </summary>
/// <remarks>
/// Two differences to Cilium, both because a removal withdraws a whole cluster from every agent: a file that cannot be
/// read (a permission, a failing disk, a link to nothing) or has lost its <c>endpoints:</c> (a slip, a full disk) keeps
/// its cluster, since nobody removed it; and a removal is believed only at the second look, since a file that is being
/// replaced is missing for a moment. And nothing that could be meant as a cluster is passed over in silence, but keys
/// and certificates are. Pure; one thread.
/// </remarks>
internal sealed class ConfigDirectoryScan(ClusterName localCluster, TimeSpan removalConfirmation)
{
    private readonly Dictionary<ClusterName, KnownFile> _known = [];

    /// <summary>The clusters configured as of the last look.</summary>
    public ImmutableArray<ClusterName> Clusters => [.. _known.Keys.Order()];

    /// <summary>Compares what was read with what is known.</summary>
    /// <param name="directory">The directory's files, or null with the reason in <paramref name="failure"/>: all is kept then.</param>
    /// <param name="failure">Why the directory could not be read.</param>
    /// <param name="now">The time of the look, since any fixed moment.</param>
    public ConfigDirectoryDiff Look(IReadOnlyList<ConfigFileReading>? directory, ConfigurationProblem? failure, TimeSpan now)
    {
        var configured = ImmutableArray.CreateBuilder<SourceDefinition>();
        var problems = ImmutableArray.CreateBuilder<ConfigurationProblem>();
        if (failure is not null)
        {
            problems.Add(failure);
        }

        var present = new HashSet<ClusterName>(directory is null ? _known.Keys : []);
        foreach (var file in directory ?? [])
        {
            Judge(file, present, configured, problems);
        }

        var removed = Missing(present, now, out var lookAgain);
        return new ConfigDirectoryDiff(configured.ToImmutable(), removed, problems.ToImmutable(), lookAgain);
    }

    private void Judge(
        ConfigFileReading file,
        HashSet<ClusterName> present,
        ImmutableArray<SourceDefinition>.Builder configured,
        ImmutableArray<ConfigurationProblem>.Builder problems)
    {
        if (file.Name == localCluster.Value)
        {
            if (file.IsConfig)
            {
                problems.Add(new ConfigurationProblem(
                    file.Path, file.Name, $"'{file.Name}' is the cluster this daemon runs in, so the file is ignored: "
                        + "remove it, correct --cluster-name, or give it as --local-state"));
            }

            return;
        }

        if (!ClusterName.TryParse(file.Name, out var cluster, out var rule))
        {
            if (file.IsConfig)
            {
                problems.Add(new ConfigurationProblem(
                    file.Path, file.Name, $"'{file.Name}' cannot name a cluster: {rule}; rename the file"));
            }

            return;
        }

        var isKnown = _known.ContainsKey(cluster);
        if (!file.IsConfig)
        {
            if (isKnown || !file.IsPem)
            {
                var failure = file.Failure ?? $"it has no '{ConfigFileReading.Marker}', so it is no etcd client configuration: "
                    + "list the URLs of the cluster's etcd there, or take the file away";
                problems.Add(new ConfigurationProblem(
                    file.Path, file.Name, isKnown ? $"{failure}; the cluster keeps its last configuration" : failure));
                present.Add(cluster);
            }

            return;
        }

        present.Add(cluster);
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(file.Text)));
        if (!_known.TryGetValue(cluster, out var known) || known.Hash != hash)
        {
            _known[cluster] = new KnownFile(hash);
            configured.Add(new SourceDefinition(cluster, SourceRole.Remote, file.Path, file.Text));
        }
    }

    private ImmutableArray<ClusterName> Missing(HashSet<ClusterName> present, TimeSpan now, out bool lookAgain)
    {
        lookAgain = false;
        var removed = ImmutableArray.CreateBuilder<ClusterName>();
        foreach (var (cluster, file) in _known)
        {
            if (present.Contains(cluster))
            {
                file.MissingSince = null;
            }
            else if (now - (file.MissingSince ??= now) >= removalConfirmation)
            {
                removed.Add(cluster);
            }
            else
            {
                lookAgain = true;
            }
        }

        foreach (var cluster in removed)
        {
            _known.Remove(cluster);
        }

        removed.Sort();
        return removed.ToImmutable();
    }

    private sealed class KnownFile(string hash)
    {
        public string Hash => hash;

        public TimeSpan? MissingSince { get; set; }
    }
}
