namespace KvStoreMesh.Replicator.Certificates;

/// <summary>How near the end of a certificate is; each stage is warned of once.</summary>
internal enum ExpiryStage
{
    /// <summary>More than 30 days.</summary>
    Far,

    /// <summary>At most 30 days.</summary>
    Month,

    /// <summary>At most 7 days.</summary>
    Week,

    /// <summary>At most one day.</summary>
    Day,

    /// <summary>It has ended: new connections fail.</summary>
    Expired,
}
