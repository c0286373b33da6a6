using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KvStoreMesh.Core.Resources;

/// <summary>
/// IP addresses as Go reads and prints them (<c>net.ParseIP</c>, <c>net.IP.String</c>): keys of etcd contain that text.
/// </summary>
/// <remarks>
/// <see cref="IPAddress.Parse(string)"/> is no substitute: it also takes <c>1</c>, <c>0x7f.1</c>, <c>010.0.0.1</c>,
/// <c>[::1]</c> and zones, and <see cref="IPAddress.ToString()"/> prints some IPv6 addresses with a dotted end.
/// An IPv4-mapped IPv6 address is its IPv4 address here, as Go prints it.
/// </remarks>
public static class GoIpAddress
{
    // ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255
    internal const int MaxTextLength = 45;

    private const int Groups = 8;

    /// <summary>Parses an address; false for everything that Go refuses, and for zones.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length > MaxTextLength)
        {
            return false;
        }

        if (!text.Contains(':'))
        {
            Span<byte> v4 = stackalloc byte[4];
            address = TryParseV4(text, v4) ? new IPAddress(v4) : null;
            return address is not null;
        }

        Span<byte> v6 = stackalloc byte[2 * Groups];
        if (!TryParseV6(text, v6))
        {
            return false;
        }

        address = new IPAddress(v6);
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return true;
    }

    /// <summary>The text as Go prints it: RFC 5952, IPv4-mapped as plain IPv4, never a zone.</summary>
    public static string Format(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return address.ToString();
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        Span<byte> bytes = stackalloc byte[2 * Groups];
        address.TryWriteBytes(bytes, out _);
        var (zerosStart, zerosEnd) = LongestZeros(bytes);
        var text = new StringBuilder(MaxTextLength);
        for (var i = 0; i < Groups; i++)
        {
            if (i == zerosStart)
            {
                text.Append("::");
                i = zerosEnd;
                if (i == Groups)
                {
                    break;
                }
            }
            else if (i > 0)
            {
                text.Append(':');
            }

            text.Append(CultureInfo.InvariantCulture, $"{Group(bytes, i):x}");
        }

        return text.ToString();
    }

    private static bool TryParseV4(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var digits = text.IndexOfAnyExceptInRange('0', '9');
            digits = digits < 0 ? text.Length : digits;
            if (digits is 0 or > 3 || (digits > 1 && text[0] == '0') || !byte.TryParse(text[..digits], out bytes[i]))
            {
                return false;
            }

            text = text[digits..];
            if (i == bytes.Length - 1)
            {
                break;
            }

            if (text.IsEmpty || text[0] != '.')
            {
                return false;
            }

            text = text[1..];
        }

        return text.IsEmpty;
    }

    private static bool TryParseV6(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        var written = 0;
        var ellipsis = -1;
        if (text.StartsWith("::"))
        {
            ellipsis = 0;
            text = text[2..];
        }

        while (!text.IsEmpty && written < bytes.Length)
        {
            var digits = HexDigits(text);
            if (digits is 0 or > 4)
            {
                return false;
            }

            if (digits < text.Length && text[digits] == '.')
            {
                // An embedded IPv4 address ends the text and fills the last two groups.
                if ((ellipsis < 0 && written != bytes.Length - 4) || written > bytes.Length - 4
                    || !TryParseV4(text, bytes.Slice(written, 4)))
                {
                    return false;
                }

                written += 4;
                text = [];
                break;
            }

            var group = ushort.Parse(text[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            bytes[written++] = (byte)(group >> 8);
            bytes[written++] = (byte)group;
            text = text[digits..];
            if (text.IsEmpty)
            {
                break;
            }

            if (text[0] != ':' || text.Length == 1)
            {
                return false;
            }

            text = text[1..];
            if (text[0] == ':')
            {
                if (ellipsis >= 0)
                {
                    return false;
                }

                ellipsis = written;
                text = text[1..];
            }
        }

        return text.IsEmpty && TryExpand(bytes, written, ellipsis);
    }

    // The ellipsis stands for at least one group.
    private static bool TryExpand(Span<byte> bytes, int written, int ellipsis)
    {
        if (ellipsis < 0 || written == bytes.Length)
        {
            return ellipsis < 0 && written == bytes.Length;
        }

        var tail = written - ellipsis;
        bytes[ellipsis..written].CopyTo(bytes[(bytes.Length - tail)..]);
        bytes[ellipsis..(bytes.Length - tail)].Clear();
        return true;
    }

    private static int HexDigits(ReadOnlySpan<char> text)
    {
        var digits = 0;
        while (digits < text.Length && char.IsAsciiHexDigit(text[digits]))
        {
            digits++;
        }

        return digits;
    }

    // The first of the longest runs of at least two zero groups; (-1, -1) if there is none.
    private static (int Start, int End) LongestZeros(ReadOnlySpan<byte> bytes)
    {
        var (start, end) = (-1, -1);
        for (var i = 0; i < Groups; i++)
        {
            var j = i;
            while (j < Groups && Group(bytes, j) == 0)
            {
                j++;
            }

            if (j - i >= 2 && j - i > end - start)
            {
                (start, end) = (i, j);
            }

            i = Math.Max(i, j - 1);
        }

        return (start, end);
    }

    private static int Group(ReadOnlySpan<byte> bytes, int index) => (bytes[2 * index] << 8) | bytes[(2 * index) + 1];
}
