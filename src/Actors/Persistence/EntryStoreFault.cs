namespace KvStoreMesh.Actors.Persistence;

/// <summary>What a failure of the store means.</summary>
public enum EntryStoreFault
{
    /// <summary>Full, busy, unreachable, read-only, or in use by another daemon: may be well later, by itself or by the operator's hand.</summary>
    Unavailable,

    /// <summary>It holds something that we did not write, or write otherwise: not to be touched.</summary>
    Foreign,

    /// <summary>It is ours and broken. Nothing more is written; the next start sets it aside.</summary>
    Damaged,
}
