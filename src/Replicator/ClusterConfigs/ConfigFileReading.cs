using System.Diagnostics.CodeAnalysis;

namespace KvStoreMesh.Replicator.ClusterConfigs;

/// <summary>One file as it was found: its text, or why it could not be read.</summary>
/// <param name="Path">The file's path; its last part names the cluster.</param>
/// <param name="Text">The content; null if it could not be read.</param>
/// <param name="Failure">Why it could not be read; null if it could.</param>
internal sealed record ConfigFileReading(string Path, string? Text, string? Failure)
{
    /// <summary>What stands in every etcd client configuration, and in no key or certificate.</summary>
    public const string Marker = "endpoints:";

    /// <summary>The file's name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>An etcd client configuration, as Cilium tells one from the keys and certificates beside it.</summary>
    [MemberNotNullWhen(true, nameof(Text))]
    public bool IsConfig => Text?.Contains(Marker, StringComparison.Ordinal) == true;

    /// <summary>A key or a certificate, as they lie beside the configurations that name them.</summary>
    public bool IsPem => Text?.StartsWith("-----BEGIN ", StringComparison.Ordinal) == true;
}
