namespace KvStoreMesh.Replicator.Fanout;

/// <summary>What an ack meant.</summary>
internal enum AckVerdict
{
    /// <summary>Nothing new.</summary>
    Unchanged,

    /// <summary>More is applied, or credit came back.</summary>
    Progress,

    /// <summary>It names less than an earlier ack.</summary>
    Backwards,

    /// <summary>It names a seq that was never sent.</summary>
    BeyondSent,
}
