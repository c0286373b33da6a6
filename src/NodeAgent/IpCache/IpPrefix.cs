using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KvStoreMesh.NodeAgent.IpCache;

/// <summary>An IP prefix of either family, host bits zero. 24 bytes, since there are hundreds of thousands: a UInt128 would be aligned to 32.</summary>
public readonly record struct IpPrefix : IComparable<IpPrefix>
{
    private readonly ulong _upper;
    private readonly ulong _lower;

    private IpPrefix(UInt128 address, bool isIpv6, byte length)
    {
        (_upper, _lower) = ((ulong)(address >> 64), (ulong)address);
        IsIpv6 = isIpv6;
        Length = length;
    }

    /// <summary>The family.</summary>
    public bool IsIpv6 { get; }

    /// <summary>Bits of the prefix: up to 32 or 128.</summary>
    public byte Length { get; }

    /// <summary>A single address.</summary>
    public bool IsHost => Length == (IsIpv6 ? 128 : 32);

    /// <summary>The address without the length.</summary>
    public string AddressText => ToString().Split('/')[0];

    private UInt128 Address => new(_upper, _lower);

    /// <summary>The prefix of <paramref name="length"/> bits that holds the address; host bits are cleared, as Cilium does.</summary>
    public static IpPrefix From(IPAddress address, int length)
    {
        ArgumentNullException.ThrowIfNull(address);
        var isIpv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, isIpv6 ? 128 : 32);
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        var value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return new(length == 0 ? UInt128.Zero : value & (UInt128.MaxValue << (128 - length)), isIpv6, (byte)length);
    }

    /// <summary>The prefix of a single address.</summary>
    public static IpPrefix Host(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return From(address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32);
    }

    /// <summary>From the 16 bytes of a map key: big endian, IPv4 in the first four.</summary>
    public static IpPrefix FromBytes(ReadOnlySpan<byte> address, bool isIpv6, byte length) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(address), isIpv6, length);

    /// <summary>Parses <c>ip</c> or <c>ip/length</c>.</summary>
    public static bool TryParse(string text, out IpPrefix prefix)
    {
        ArgumentNullException.ThrowIfNull(text);
        prefix = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var address))
        {
            return false;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
        var length = bits;
        if (slash >= 0 &&
            (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
        {
            return false;
        }

        prefix = From(address, length);
        return true;
    }

    /// <summary>The other prefix lies within this one, or is it.</summary>
    public bool Contains(IpPrefix other) => other.IsIpv6 == IsIpv6 && other.Length >= Length && other.Shorten(Length) == this;

    /// <summary>The prefix of fewer bits that holds this one.</summary>
    public IpPrefix Shorten(byte length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        return new(length == 0 ? UInt128.Zero : Address & (UInt128.MaxValue << (128 - length)), IsIpv6, length);
    }

    /// <summary>Writes the 16 bytes of a map key: big endian, IPv4 in the first four.</summary>
    public void WriteBytes(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Address);

    /// <summary>Equal in all parts.</summary>
    public bool Equals(IpPrefix other) =>
        _upper == other._upper && _lower == other._lower && Length == other.Length && IsIpv6 == other.IsIpv6;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(_upper, _lower, Length);

    /// <inheritdoc />
    public int CompareTo(IpPrefix other)
    {
        var byFamily = IsIpv6.CompareTo(other.IsIpv6);
        if (byFamily != 0)
        {
            return byFamily;
        }

        var byAddress = Address.CompareTo(other.Address);
        return byAddress != 0 ? byAddress : Length.CompareTo(other.Length);
    }

    /// <summary>As Cilium prints it: <c>10.2.0.15/32</c>.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteBytes(bytes);
        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(bytes[..(IsIpv6 ? 16 : 4)])}/{Length}");
    }
}
