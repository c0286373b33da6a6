using System.Net;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Etcd.Configuration;

/// <summary>
/// An etcd client configuration as the Go client's YAML file has it, with Cilium's extension for host aliases, checked
/// for contradictions. The files it names are not opened here.
/// </summary>
/// <remarks>
/// Holds a password, so it is not a record: nothing prints it by accident. Keys of the Go client that have no meaning here
/// (dial-timeout, auto-sync-interval, reject-old-cluster, backoff-…) and unknown keys are ignored, and so is the deprecated
/// <c>ca-file</c>, which the Go client reads and does not use.
/// </remarks>
public sealed class EtcdClientConfig
{
    /// <summary>The longest text accepted, in characters.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>The most endpoints accepted.</summary>
    public const int MaxEndpoints = 16;

    /// <summary>The most host aliases accepted, and the most addresses of one.</summary>
    public const int MaxAliases = 64;

    /// <summary>The file the text came from, for messages.</summary>
    public required string Path { get; init; }

    /// <summary>At least one; all with TLS or all without.</summary>
    public required IReadOnlyList<EtcdEndpoint> Endpoints { get; init; }

    /// <summary>The certificates that may sign the server's; null = the system's.</summary>
    public ConfiguredFile? TrustedCaFile { get; init; }

    /// <summary>The client certificate and its chain; null = none.</summary>
    public ConfiguredFile? CertFile { get; init; }

    /// <summary>The client certificate's key; null exactly if <see cref="CertFile"/> is.</summary>
    public ConfiguredFile? KeyFile { get; init; }

    /// <summary>Any server certificate is good.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>The user to authenticate as; null = by client certificate, or not at all.</summary>
    public string? Username { get; init; }

    /// <summary>The user's password; null exactly if <see cref="Username"/> is. Never logged.</summary>
    public string? Password { get; init; }

    /// <summary>Addresses of hosts that are not looked up; the certificate must still be for the host's name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> HostAliases { get; init; } =
        new Dictionary<string, IReadOnlyList<IPAddress>>();

    /// <summary>How long the connection may be silent before it is probed; null = the daemon's own setting.</summary>
    public TimeSpan? KeepAliveTime { get; init; }

    /// <summary>How long a probe may stay unanswered; null = the daemon's own setting.</summary>
    public TimeSpan? KeepAliveTimeout { get; init; }

    /// <summary>The endpoints use TLS.</summary>
    public bool IsTls => Endpoints[0].IsTls;

    /// <summary>Parses a configuration.</summary>
    /// <param name="path">The file the text came from, for messages.</param>
    /// <param name="text">The YAML text; never repeated in a message.</param>
    /// <exception cref="SourceException">
    /// <see cref="SourcePhase.Configuration"/>: the text is not such a configuration; file, line, key and the way out are named.
    /// </exception>
    public static EtcdClientConfig Parse(string path, string text) => new EtcdClientConfigReader(path).Read(text);

    /// <inheritdoc />
    public override string ToString() => $"{Path} ({string.Join(", ", Endpoints)})";
}
