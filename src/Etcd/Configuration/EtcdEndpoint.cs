using System.Globalization;

namespace KvStoreMesh.Etcd.Configuration;

/// <summary>One member's client URL.</summary>
/// <param name="Host">Host name or IP address; an IPv6 address without brackets.</param>
/// <param name="Port">TCP port.</param>
/// <param name="IsTls">The scheme is https.</param>
public readonly record struct EtcdEndpoint(string Host, int Port, bool IsTls)
{
    /// <summary>Host and port, as in a URL.</summary>
    public string Authority => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>
    /// Parses <c>http://host:port</c> or <c>https://host:port</c>. A text that is refused is not repeated in
    /// <paramref name="error"/>, because it may hold a password.
    /// </summary>
    public static bool TryParse(string text, out EtcdEndpoint endpoint, out string error)
    {
        endpoint = default;
        error = string.Empty;
        var isTls = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isTls && !text.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            error = "is not a URL: write https://host:2379, or http://host:2379 for an etcd without TLS";
            return false;
        }

        var authority = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..].TrimEnd('/');
        if (authority.Contains('@', StringComparison.Ordinal))
        {
            error = "must not hold a user: use the keys username and password";
            return false;
        }

        var colon = authority.LastIndexOf(':');
        if (colon < 0 || authority.EndsWith(']'))
        {
            error = "has no port: etcd's client port is usually 2379";
            return false;
        }

        if (!int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is < 1 or > 65535)
        {
            error = "has no valid port (1 to 65535) at its end; a path is not allowed";
            return false;
        }

        var host = authority[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
        }

        if (Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.Basic)
        {
            error = "has no valid host name or IP address";
            return false;
        }

        endpoint = new EtcdEndpoint(host, port, isTls);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => $"{(IsTls ? "https" : "http")}://{Authority}";
}
