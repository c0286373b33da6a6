namespace KvStoreMesh.NodeAgent.Manifests;

/// <summary>A file of a manifest directory as it was read.</summary>
/// <param name="Name">Its name within the directory.</param>
/// <param name="Text">Its content; null if it could not be read.</param>
/// <param name="Failure">Why it could not be read; null if it was.</param>
public sealed record ManifestFile(string Name, string? Text, string? Failure);
