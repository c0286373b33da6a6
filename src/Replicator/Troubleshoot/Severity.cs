namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>How much a finding matters.</summary>
internal enum Severity
{
    /// <summary>Worth knowing.</summary>
    Note,

    /// <summary>As it should be.</summary>
    Fine,

    /// <summary>Works, but not for long or not as meant.</summary>
    Warning,

    /// <summary>Does not work.</summary>
    Error,
}
