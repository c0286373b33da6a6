namespace KvStoreMesh.NodeAgent.Manifests;

/// <summary>What a look at a directory of manifests found.</summary>
/// <param name="Files">Its files by name.</param>
/// <param name="Problem">Why the directory could not be read, the files then being those of before; null if it was.</param>
public sealed record ManifestReading(IReadOnlyList<ManifestFile> Files, string? Problem);
