using KvStoreMesh.Core.Clusters;
using KvStoreMesh.NodeAgent.Desired;

namespace KvStoreMesh.NodeAgent.Agent;

/// <summary>What became of an event.</summary>
/// <param name="AppliedSeq">Everything up to it is in the datapath; never goes back within a session.</param>
/// <param name="Refused">Values that could not be used.</param>
/// <param name="Diverged">Clusters of which something else is held than the daemon's digest says.</param>
public readonly record struct ApplyOutcome(long AppliedSeq, IReadOnlyList<InvalidValue> Refused, IReadOnlyList<ClusterName> Diverged);
