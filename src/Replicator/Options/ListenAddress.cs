using System.Globalization;
using System.Net;

namespace KvStoreMesh.Replicator.Options;

/// <summary>Where to listen: <c>127.0.0.1:4260</c>, <c>[::1]:4260</c>, <c>localhost:4260</c>, or <c>:4260</c> for every address.</summary>
/// <param name="Host">The address; null for every one.</param>
/// <param name="Port">The port; 0 lets the system choose.</param>
internal sealed record ListenAddress(IPAddress? Host, int Port)
{
    /// <summary>What is expected, for messages.</summary>
    public const string Rule = "must be ADDRESS:PORT, e.g. 127.0.0.1:4260, [::1]:4260 or :4260 for every address";

    /// <summary>Only this machine can connect.</summary>
    public bool IsLoopback => Host is not null && IPAddress.IsLoopback(Host);

    /// <summary>Parses an address; no name but <c>localhost</c> is resolved.</summary>
    public static bool TryParse(string text, out ListenAddress? address)
    {
        address = null;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var host = text[..colon];
        IPAddress? ip = null;
        var known = host switch
        {
            "" => true,
            "localhost" => (ip = IPAddress.Loopback) is not null,
            ['[', .., ']'] => IPAddress.TryParse(host[1..^1], out ip),
            _ => !host.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(host, out ip),
        };
        address = known ? new ListenAddress(ip, port) : null;
        return known;
    }

    /// <inheritdoc />
    public override string ToString() => Host is null
        ? $":{Port}"
        : new IPEndPoint(Host, Port).ToString();
}
