namespace KvStoreMesh.NodeAgent.Manifests;

/// <summary>A manifest that cannot be used. The message says where in the file and what is wrong.</summary>
/// <param name="line">The line, from 1.</param>
/// <param name="field">The path of the field, <c>spec.ingress[0].toPorts</c> for example; empty for the document itself.</param>
/// <param name="problem">What is wrong with it, and the way out.</param>
public sealed class ManifestException(long line, string field, string problem)
    : Exception($"line {line}: {(field.Length == 0 ? "the document" : field)} {problem}");
