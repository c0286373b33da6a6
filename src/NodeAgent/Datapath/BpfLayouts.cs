using System.Net;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.NodeAgent.IpCache;
using KvStoreMesh.NodeAgent.LoadBalancing;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>Between this agent's types and the kernel's layouts, without loss in either direction.</summary>
internal static class BpfLayouts
{
    public static Lb4Service Slot(in ServiceSlot slot) => Lb4Service.Master(
        slot.Count, slot.RevNatId, (LbServiceFlags)slot.Flags, (LbServiceFlags2)slot.Flags2, slot.QCount, slot.BackendId);

    public static ServiceSlot Slot(in Lb4Service slot) => new(
        slot.BackendId, slot.Count, slot.RevNatIndex, (byte)slot.Flags, (byte)slot.Flags2, slot.QuarantinedCount);

    public static Lb4Key Key4(ServiceSlotKey key) => new(
        key.Frontend.Address.Address,
        key.Frontend.Address.Port,
        (LbProtocol)key.Frontend.Address.Protocol,
        key.Slot,
        (LbScope)key.Frontend.Scope);

    public static ServiceSlotKey Key(in Lb4Key key) => new(
        new(L3n4Addr.From(key.Address, key.Port, (L4Protocol)key.Protocol), (byte)key.Scope), key.Slot);

    public static Lb4Backend Backend4(in BackendEntry backend) => new(
        backend.Address.Address,
        backend.Address.Port,
        (LbProtocol)backend.Address.Protocol,
        (LbBackendState)backend.State,
        backend.ClusterId,
        backend.Zone);

    public static BackendEntry Backend(in Lb4Backend backend) => new(
        L3n4Addr.From(backend.Address, backend.Port, (L4Protocol)backend.Protocol),
        (byte)backend.State,
        backend.ClusterId,
        backend.Zone);

    public static Lb4ReverseNat ReverseNat4(L3n4Addr frontend) => new(frontend.Address, frontend.Port);

    public static L3n4Addr ReverseNat(in Lb4ReverseNat entry) => L3n4Addr.From(entry.Address, entry.Port, L4Protocol.Any);

    public static Lb6Key Key6(ServiceSlotKey key) => new(
        key.Frontend.Address.Address,
        key.Frontend.Address.Port,
        (LbProtocol)key.Frontend.Address.Protocol,
        key.Slot,
        (LbScope)key.Frontend.Scope);

    public static ServiceSlotKey Key(in Lb6Key key) => new(
        new(L3n4Addr.From(key.Address, key.Port, (L4Protocol)key.Protocol), (byte)key.Scope), key.Slot);

    public static Lb6Backend Backend6(in BackendEntry backend) => new(
        backend.Address.Address,
        backend.Address.Port,
        (LbProtocol)backend.Address.Protocol,
        (LbBackendState)backend.State,
        backend.ClusterId,
        backend.Zone);

    public static BackendEntry Backend(in Lb6Backend backend) => new(
        L3n4Addr.From(backend.Address, backend.Port, (L4Protocol)backend.Protocol),
        (byte)backend.State,
        backend.ClusterId,
        backend.Zone);

    public static Lb6ReverseNat ReverseNat6(L3n4Addr frontend) => new(frontend.Address, frontend.Port);

    public static L3n4Addr ReverseNat(in Lb6ReverseNat entry) => L3n4Addr.From(entry.Address, entry.Port, L4Protocol.Any);

    public static IpCacheKey Key(IpPrefix prefix) => new(Ip(prefix), prefix.Length);

    /// <summary>The row has a known family and a length that fits it; pinned maps hold what they hold.</summary>
    public static bool IsPrefix(in IpCacheKey key) =>
        key.Family is IpCacheFamily.IPv4 or IpCacheFamily.IPv6 && key.PrefixLength >= 0
        && key.PrefixLength <= (key.Family == IpCacheFamily.IPv4 ? 32 : 128);

    public static IpPrefix Key(in IpCacheKey key) => IpPrefix.From(key.Address, key.PrefixLength);

    public static RemoteEndpointInfo Entry(in IpCacheEntry entry)
    {
        var tunnel = entry.Flags.HasFlag(IpCacheFlags.HasTunnelEndpoint) ? Ip(entry.TunnelEndpoint) : null;
        return new(entry.Identity, tunnel, entry.EncryptKey, (RemoteEndpointFlags)entry.Flags);
    }

    public static IpCacheEntry Entry(in RemoteEndpointInfo info) => new(
        info.Identity,
        info.TunnelEndpoint is { } tunnel ? IpPrefix.Host(tunnel) : default,
        info.EncryptionKey,
        (IpCacheFlags)info.Flags);

    private static IPAddress Ip(IpPrefix prefix)
    {
        Span<byte> bytes = stackalloc byte[16];
        prefix.WriteBytes(bytes);
        return new IPAddress(bytes[..(prefix.IsIpv6 ? 16 : 4)]);
    }
}
