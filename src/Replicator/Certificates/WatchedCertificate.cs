namespace KvStoreMesh.Replicator.Certificates;

/// <summary>A certificate file that a connection depends on, as it is on disk.</summary>
/// <param name="Cluster">The cluster whose connection uses it; the local one for what is served here.</param>
/// <param name="Kind">What it is for: <c>client</c>, <c>ca</c>, <c>sink-client</c>, <c>sink-ca</c>, <c>stream-server</c>, <c>stream-ca</c>.</param>
/// <param name="File">The file.</param>
/// <param name="NotAfter">When it ends. Of several in one file that of the one that is used: the first; of a bundle of authorities the last to end.</param>
/// <param name="Thumbprint">Tells one certificate from the next.</param>
internal sealed record WatchedCertificate(string Cluster, string Kind, string File, DateTimeOffset NotAfter, string Thumbprint);
