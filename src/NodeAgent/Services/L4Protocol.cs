namespace KvStoreMesh.NodeAgent.Services;

/// <summary>A transport protocol; the numbers are IANA's and stand in the map keys.</summary>
public enum L4Protocol : byte
{
    /// <summary>Any protocol.</summary>
    Any = 0,

    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>SCTP.</summary>
    Sctp = 132,
}
