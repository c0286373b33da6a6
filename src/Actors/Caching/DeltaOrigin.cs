namespace KvStoreMesh.Actors.Caching;

/// <summary>Where a group comes from.</summary>
internal enum DeltaOrigin
{
    /// <summary>From the source.</summary>
    Source,

    /// <summary>From the source, the first of a replica that began empty: nothing that is stored belongs to it.</summary>
    SourceAnew,

    /// <summary>From what was stored: the last known state, which the source has not confirmed.</summary>
    Stored,
}
