namespace KvStoreMesh.NodeAgent.Services;

/// <summary>Whether what a cluster published may still be used.</summary>
public enum SourceStanding : byte
{
    /// <summary>Its source answers.</summary>
    Reachable,

    /// <summary>Its source does not answer: what it published last stays, and may be asked to stand back behind others.</summary>
    Unreachable,

    /// <summary>It has not answered for longer than its services are trusted.</summary>
    Expired,
}
