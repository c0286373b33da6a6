using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KvStoreMesh.Replicator.Options;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KvStoreMesh.Replicator.Hosting;

/// <summary>
/// The certificates of the stream's mutual TLS. Read again when a file changed, looked at with a handshake, so that
/// a rotation needs no restart; what cannot be read leaves the ones in force.
/// </summary>
internal sealed class StreamCertificates
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly StreamTlsOptions _options;
    private readonly TimeProvider _time;
    private Material _current;
    private long _lookedAt;

    /// <summary>Reads the files.</summary>
    /// <exception cref="OptionException">One of them is not what its option says.</exception>
    public StreamCertificates(StreamTlsOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _current = Read();
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>Reports, once, that changed files could not be read.</summary>
    public Action<string> OnReloadFailed { get; set; } = static _ => { };

    /// <summary>What a handshake that begins now uses.</summary>
    public SslServerAuthenticationOptions ForHandshake()
    {
        var material = Current();
        var clients = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            ApplicationPolicy = { new Oid("1.3.6.1.5.5.7.3.2", "client authentication") },
        };
        clients.CustomTrustStore.AddRange(material.ClientCa);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = material.Server,
            ClientCertificateRequired = true,
            CertificateChainPolicy = clients,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
        };
    }

    /// <summary>Uses them for an endpoint.</summary>
    public TlsHandshakeCallbackOptions Callback() => new() { OnConnection = _ => ValueTask.FromResult(ForHandshake()) };

    private Material Current()
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_lookedAt) >= LookInterval)
            {
                _lookedAt = _time.GetTimestamp();
                var written = LastWritten();
                if (written != _current.Written)
                {
                    try
                    {
                        _current = Read();
                    }
                    catch (OptionException failure)
                    {
                        _current = _current with { Written = written };
                        OnReloadFailed(failure.Message);
                    }
                }
            }

            return _current;
        }
    }

    private (DateTime Cert, DateTime Key, DateTime Ca) LastWritten() => (
        File.GetLastWriteTimeUtc(_options.CertFile),
        File.GetLastWriteTimeUtc(_options.KeyFile),
        File.GetLastWriteTimeUtc(_options.ClientCaFile));

    private Material Read()
    {
        var written = LastWritten();
        var chain = Certificates("--tls-cert-file", _options.CertFile);
        X509Certificate2 server;
        try
        {
            server = X509Certificate2.CreateFromPemFile(_options.CertFile, _options.KeyFile);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new OptionException(
                "--tls-key-file", $"{_options.KeyFile} is not the key of {_options.CertFile} in PEM: {error.Message}");
        }

        return new Material(
            SslStreamCertificateContext.Create(server, chain, offline: true),
            Certificates("--tls-client-ca-file", _options.ClientCaFile),
            written);
    }

    private static X509Certificate2Collection Certificates(string option, string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new OptionException(option, $"{path} cannot be read: {error.Message}");
        }

        return certificates.Count > 0 ? certificates : throw new OptionException(option, $"{path} holds no certificate in PEM");
    }

    private sealed record Material(
        SslStreamCertificateContext Server, X509Certificate2Collection ClientCa, (DateTime Cert, DateTime Key, DateTime Ca) Written);
}
