namespace KvStoreMesh.Bpf.Maps.IpCache;

/// <summary>The family byte of an ipcache key; must match <c>ENDPOINT_KEY_IPV4</c> and <c>ENDPOINT_KEY_IPV6</c> in Cilium's <c>bpf/lib/common.h</c>.</summary>
public enum IpCacheFamily : byte
{
    /// <summary>IPv4.</summary>
    IPv4 = 1,

    /// <summary>IPv6.</summary>
    IPv6 = 2,
}
