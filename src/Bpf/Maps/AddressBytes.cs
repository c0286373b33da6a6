using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Maps;

/// <summary>16 bytes that hold an IPv6 address, or an IPv4 address in the first four and zeros after it. Words of 32 bits, because the layouts align it to 4.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal readonly record struct AddressBytes
{
    [FieldOffset(0)] private readonly uint _first;
    [FieldOffset(4)] private readonly uint _second;
    [FieldOffset(8)] private readonly uint _third;
    [FieldOffset(12)] private readonly uint _fourth;

    private AddressBytes(ReadOnlySpan<byte> bytes)
    {
        _first = MemoryMarshal.Read<uint>(bytes);
        _second = MemoryMarshal.Read<uint>(bytes[4..]);
        _third = MemoryMarshal.Read<uint>(bytes[8..]);
        _fourth = MemoryMarshal.Read<uint>(bytes[12..]);
    }

    public static AddressBytes Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        return new(bytes);
    }

    public AddressBytes Masked(int bits)
    {
        Span<byte> bytes = stackalloc byte[16];
        MemoryMarshal.Write(bytes, this);
        UInt128 mask = bits == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - bits);
        BinaryPrimitives.WriteUInt128BigEndian(bytes, BinaryPrimitives.ReadUInt128BigEndian(bytes) & mask);
        return new(bytes);
    }

    public IPAddress ToAddress(bool four) => new(MemoryMarshal.AsBytes(new ReadOnlySpan<AddressBytes>(in this))[..(four ? 4 : 16)]);
}
