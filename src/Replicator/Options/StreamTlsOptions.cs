namespace KvStoreMesh.Replicator.Options;

/// <summary>Mutual TLS of the stream; PEM files, read again when they change.</summary>
/// <param name="CertFile">The daemon's certificate, with its chain.</param>
/// <param name="KeyFile">Its key.</param>
/// <param name="ClientCaFile">Who signs the agents' certificates.</param>
internal sealed record StreamTlsOptions(string CertFile, string KeyFile, string ClientCaFile);
