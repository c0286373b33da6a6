namespace KvStoreMesh.NodeAgent.Status;

/// <summary>One identity.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Labels"><c>source:key=value</c>, sorted.</param>
public sealed record IdentityStatus(uint Id, IReadOnlyList<string> Labels);
