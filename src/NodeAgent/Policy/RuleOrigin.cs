namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Where a rule stands.</summary>
/// <param name="File">The file's name within the directory.</param>
/// <param name="Policy"><c>namespace/name</c>, or the name of a clusterwide policy.</param>
/// <param name="Path">The field, <c>spec.ingress[0]</c> for example.</param>
public sealed record RuleOrigin(string File, string Policy, string Path)
{
    /// <inheritdoc />
    public override string ToString() => $"{File}: {Policy} {Path}";
}
