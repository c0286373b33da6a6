using System.Net;
using System.Numerics;
using System.Text.Json;
using KvStoreMesh.Core.Json;

namespace KvStoreMesh.Core.Resources;

/// <summary>Go's <c>net</c> types in JSON: an address is text, a mask is base64, a network is an object of both.</summary>
internal static class GoNetJson
{
    private const int MaxAddressBytes = 16;

    /// <summary>Reads a <c>net.IP</c>; null and the empty text are no address.</summary>
    public static IPAddress? ReadIp(this ref GoJsonReader json)
    {
        // Nearly every address comes this way, without becoming a string first.
        Span<char> buffer = stackalloc char[GoIpAddress.MaxTextLength];
        if (json.TryReadAscii(buffer, out var length) && GoIpAddress.TryParse(buffer[..length], out var plain))
        {
            return plain;
        }

        var text = buffer[..length].ToString();
        if (length == 0)
        {
            json.Read(ref text);
        }

        if (text.Length == 0)
        {
            return null;
        }

        return GoIpAddress.TryParse(text, out var ip)
            ? ip
            : throw new JsonException($"\"{json.FieldName}\": '{Excerpt.Of(text)}' is not an IP address");
    }

    /// <summary>Reads a <c>net.IPMask</c>; null is no mask.</summary>
    public static byte[]? ReadMask(this ref GoJsonReader json)
    {
        string? text = null;
        json.Read(ref text!);
        if (text is null)
        {
            return null;
        }

        var mask = new byte[MaxAddressBytes];
        return Convert.TryFromBase64String(text, mask, out var length)
            ? mask[..length]
            : throw new JsonException($"\"{json.FieldName}\": '{Excerpt.Of(text)}' is not the base64 of a mask");
    }

    /// <summary>Reads a <c>net.IPNet</c>; null is no network.</summary>
    public static IPNetwork? ReadNetwork(this ref GoJsonReader json)
    {
        var field = json.FieldName;
        if (!json.BeginObject())
        {
            return null;
        }

        IPAddress? ip = null;
        byte[]? mask = null;
        while (json.NextField())
        {
            if (json.Is("IP"u8))
            {
                ip = json.ReadIp();
            }
            else if (json.Is("Mask"u8))
            {
                mask = json.ReadMask();
            }
        }

        if (ip is null || mask is null)
        {
            throw new JsonException($"\"{field}\" has no {(ip is null ? "IP" : "Mask")}");
        }

        // Go keeps host bits, which nobody can route; the constructor clears them.
        return new IPNetwork(ip, PrefixLength(ip, mask));
    }

    /// <summary>The number of ones a mask consists of.</summary>
    /// <exception cref="JsonException">The mask is of the other family, or its ones are not all in front.</exception>
    public static int PrefixLength(IPAddress ip, byte[] mask)
    {
        Span<byte> address = stackalloc byte[MaxAddressBytes];
        ip.TryWriteBytes(address, out var length);
        if (mask.Length != length)
        {
            throw new JsonException($"the mask of {GoIpAddress.Format(ip)} has {8 * mask.Length} bits instead of {8 * length}");
        }

        var ones = mask.Sum(part => BitOperations.PopCount(part));
        for (var i = 0; i < mask.Length; i++)
        {
            var onesHere = Math.Clamp(ones - (8 * i), 0, 8);
            if (mask[i] != (byte)(0xff00 >> onesHere))
            {
                throw new JsonException(
                    $"the ones of mask {Convert.ToHexStringLower(mask)} of {GoIpAddress.Format(ip)} are not contiguous");
            }
        }

        return ones;
    }
}
