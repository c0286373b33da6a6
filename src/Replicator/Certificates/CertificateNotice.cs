namespace KvStoreMesh.Replicator.Certificates;

/// <summary>What an operator should hear about a certificate.</summary>
/// <param name="Certificate">As it is now.</param>
/// <param name="Stage">How near its end is.</param>
/// <param name="IsRotated">It has taken the place of another one.</param>
internal readonly record struct CertificateNotice(WatchedCertificate Certificate, ExpiryStage Stage, bool IsRotated);
