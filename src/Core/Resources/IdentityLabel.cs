namespace KvStoreMesh.Core.Resources;

/// <summary>One label of an identity.</summary>
/// <param name="Source">E.g. <c>k8s</c> or <c>reserved</c>.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value; may be empty.</param>
public readonly record struct IdentityLabel(string Source, string Key, string Value);
