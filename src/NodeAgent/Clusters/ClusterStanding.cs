namespace KvStoreMesh.NodeAgent.Clusters;

/// <summary>Whether a cluster's values may be used, and with which id they are checked.</summary>
/// <param name="Id">The cluster id; 0 if not known.</param>
/// <param name="MaxConnectedClusters">255 or 511: the ranges of identities follow from it.</param>
/// <param name="Problem">Null if usable, else why not.</param>
public sealed record ClusterStanding(uint Id, uint MaxConnectedClusters, string? Problem)
{
    /// <summary>No config has come yet.</summary>
    public static ClusterStanding Unknown { get; } = new(0, 255, "its cluster config has not come yet");

    /// <summary>Values may be used.</summary>
    public bool IsUsable => Problem is null;
}
