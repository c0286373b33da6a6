namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>What a <see cref="ReplicaSync"/> needs next.</summary>
internal enum SyncStep
{
    /// <summary>The cache has to acknowledge <see cref="ReplicaSync.Pending"/>.</summary>
    Deliver,

    /// <summary>The config has to be read: at the start, and when it changed.</summary>
    ReadConfig,

    /// <summary>The page <see cref="ReplicaSync.NextPage"/>.</summary>
    List,

    /// <summary>The page <see cref="ReplicaSync.NextPage"/>, as the proof of a resume.</summary>
    Probe,

    /// <summary>The next batch of the watch.</summary>
    Watch,
}
