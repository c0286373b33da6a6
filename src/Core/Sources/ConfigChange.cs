namespace KvStoreMesh.Core.Sources;

/// <summary>What a watch batch did to the cluster's config.</summary>
public enum ConfigChange
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It was written again with the content in force: whatever was wrong with it is over.</summary>
    Confirmed,

    /// <summary>It differs from the one in force: read it and list again.</summary>
    Changed,

    /// <summary>It is gone: the last known one stays in force, and the state says so.</summary>
    Disappeared,

    /// <summary>It no longer parses: the last known one stays in force, and the state says so.</summary>
    Invalid,
}
