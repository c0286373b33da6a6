using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps;

/// <summary>Conversions between the host's values and the network-order fields of the layouts.</summary>
internal static class NetworkOrder
{
    /// <summary>Host to network, and back: it is its own inverse.</summary>
    public static ushort Swap(ushort value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    /// <summary>The four bytes of an IPv4 address, as they lie in memory.</summary>
    public static uint IPv4(IPAddress address, string parameter)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        uint raw = 0;
        return address.AddressFamily == AddressFamily.InterNetwork && address.TryWriteBytes(MemoryMarshal.AsBytes(new Span<uint>(ref raw)), out _)
            ? raw
            : throw new ArgumentException($"{address} is no IPv4 address", parameter);
    }

    /// <summary>The sixteen bytes of an IPv6 address, as they lie in memory. One that holds an IPv4 address belongs to the other family.</summary>
    public static AddressBytes IPv6(IPAddress address, string parameter) =>
        address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
            ? AddressBytes.Of(address)
            : throw new ArgumentException($"{address} is no IPv6 address", parameter);

    public static IPAddress ToIPv4(uint raw) => new(MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(ref raw)));
}
