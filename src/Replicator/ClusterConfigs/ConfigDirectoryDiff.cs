using System.Collections.Immutable;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Replicator.ClusterConfigs;

/// <summary>What a look at the directory found.</summary>
/// <param name="Configured">Sources that are new, or whose file has another content.</param>
/// <param name="Removed">Clusters whose file is gone for good.</param>
/// <param name="Problems">Everything that is wrong as of now.</param>
/// <param name="LookAgain">A file is missing, for too short a time to tell: look again soon.</param>
internal sealed record ConfigDirectoryDiff(
    ImmutableArray<SourceDefinition> Configured,
    ImmutableArray<ClusterName> Removed,
    ImmutableArray<ConfigurationProblem> Problems,
    bool LookAgain);
