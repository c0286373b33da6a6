namespace KvStoreMesh.Bpf.Maps.LoadBalancer;

/// <summary>The transport of a frontend or backend, by IP protocol number.</summary>
public enum LbProtocol : byte
{
    /// <summary>Any; only in wildcard entries.</summary>
    Any = 0,

    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>SCTP.</summary>
    Sctp = 132,
}
