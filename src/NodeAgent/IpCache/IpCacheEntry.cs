using System.Globalization;
using System.Text;

namespace KvStoreMesh.NodeAgent.IpCache;

/// <summary>What the datapath knows of a prefix: the value of <c>cilium_ipcache_v2</c>.</summary>
/// <param name="Identity">The security identity.</param>
/// <param name="TunnelEndpoint">The node to encapsulate to, as a host prefix; default = none.</param>
/// <param name="EncryptKey">The encryption key index; 0 = none.</param>
/// <param name="Flags">See <see cref="IpCacheFlags"/>.</param>
public readonly record struct IpCacheEntry(uint Identity, IpPrefix TunnelEndpoint, byte EncryptKey, IpCacheFlags Flags)
{
    /// <summary>As <c>cilium-dbg bpf ipcache list</c> prints the IDENTITY column.</summary>
    public override string ToString()
    {
        var tunnel = TunnelEndpoint.ToString();
        tunnel = Flags.HasFlag(IpCacheFlags.HasTunnelEndpoint) ? tunnel[..tunnel.IndexOf('/', StringComparison.Ordinal)] : "0.0.0.0";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"identity={Identity} encryptkey={EncryptKey} tunnelendpoint={tunnel} flags={FlagText()}");
    }

    private string FlagText()
    {
        if (Flags == IpCacheFlags.None)
        {
            return "<none>";
        }

        var flags = Flags;
        var text = new StringBuilder();
        Append(IpCacheFlags.SkipTunnel, "skiptunnel");
        Append(IpCacheFlags.HasTunnelEndpoint, "hastunnel");
        Append(IpCacheFlags.Ipv6TunnelEndpoint, "ipv6tunnel");
        Append(IpCacheFlags.RemoteCluster, "remotecluster");
        return text.ToString();

        void Append(IpCacheFlags flag, string name)
        {
            if ((flags & flag) != 0)
            {
                text.Append(text.Length == 0 ? string.Empty : ",").Append(name);
            }
        }
    }
}
