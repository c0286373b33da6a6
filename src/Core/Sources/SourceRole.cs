namespace KvStoreMesh.Core.Sources;

/// <summary>Whose state a source holds.</summary>
public enum SourceRole
{
    /// <summary>Another cluster.</summary>
    Remote,

    /// <summary>The daemon's own cluster, so that agents get everything over one stream.</summary>
    Local,
}
