namespace KvStoreMesh.Core.Sources;

/// <summary>What a watch batch did to the cluster's config.</summary>
public enum ConfigChange
{
    /// <summary>Nothing, or the same content again.</summary>
    None,

    /// <summary>It differs from the one in force: read it and list again.</summary>
    Changed,

    /// <summary>It is gone: the last known one stays in force, and the state says so.</summary>
    Disappeared,

    /// <summary>It no longer parses: the last known one stays in force, and the state says so.</summary>
    Invalid,
}
