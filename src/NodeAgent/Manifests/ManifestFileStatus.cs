namespace KvStoreMesh.NodeAgent.Manifests;

/// <summary>A file of a manifest directory and what became of it.</summary>
/// <param name="File">Its name.</param>
/// <param name="InForce">Items of it that are in force: specs of policies, or endpoints.</param>
/// <param name="Problem">Why its present content is not in force; null if it is.</param>
/// <param name="HasLastGood">What it holds, or held before the problem, is in force.</param>
public sealed record ManifestFileStatus(string File, int InForce, string? Problem, bool HasLastGood);
