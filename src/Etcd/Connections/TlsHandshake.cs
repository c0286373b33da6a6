using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Configuration;

namespace KvStoreMesh.Etcd.Connections;

/// <summary>One TLS handshake: who is trusted, and in words what went wrong.</summary>
/// <remarks>
/// In TLS 1.3 a client ends its handshake before the server has looked at the client's certificate, so a refusal arrives
/// only with the first answer. <see cref="Explain"/> therefore also serves whoever waits for that answer.
/// </remarks>
internal sealed class TlsHandshake(EtcdClientConfig config, EtcdEndpoint endpoint, TlsMaterial material)
{
    private string? _refusal;
    private bool _clientCertificateWanted;

    public async Task<SslStream> RunAsync(Stream transport, CancellationToken cancellationToken)
    {
        var tls = new SslStream(transport, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(Options(), cancellationToken);
            return tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2
                ? tls
                : throw new SourceException(
                    SourcePhase.Protocol,
                    $"{endpoint} speaks TLS but not HTTP/2, so it is not an etcd: check the host and the port in {config.Path}");
        }
        catch (Exception e) when (e is not (OperationCanceledException or SourceException))
        {
            await tls.DisposeAsync();
            throw Explain(e);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>The reason of a failure during the handshake.</summary>
    public SourceException Explain(Exception cause) =>
        _refusal is not null
            ? Failure(_refusal, cause)
            : ExplainLateRefusal(cause)
                ?? Failure("it does not answer as a TLS server: write http:// if this etcd has no TLS, or correct the port", cause);

    /// <summary>
    /// The reason why a server that had ended its side of the handshake well went away before its first answer; null if it
    /// is not the client's certificate. The server's alert says it best, but it is lost when the server has closed before
    /// we wrote our first bytes.
    /// </summary>
    public SourceException? ExplainLateRefusal(Exception cause)
    {
        var alert = Alert(cause);
        if (_clientCertificateWanted && material.Client is null)
        {
            return Failure($"it requires a client certificate: set cert-file and key-file in {config.Path}", cause);
        }

        return (alert, material.Client) switch
        {
            (null, null) => null,
            (_, null) => Failure($"it refused the handshake ({alert})", cause),
            _ => Failure(
                $"it did not accept the client certificate {config.CertFile?.Path} ({alert ?? "it closed the connection"}): "
                + "that must be signed by the authority that this etcd trusts, and be valid now",
                cause),
        };
    }

    // OpenSSL: "error:0A000412:SSL routines::sslv3 alert bad certificate".
    private static string? Alert(Exception cause)
    {
        for (var e = cause; e is not null; e = e.InnerException)
        {
            if (e.Message.IndexOf(" alert ", StringComparison.Ordinal) is var at and > 0)
            {
                return e.Message[(at + " alert ".Length)..].Trim();
            }
        }

        return null;
    }

    private SourceException Failure(string reason, Exception? cause) =>
        new(SourcePhase.Tls, $"TLS with {endpoint}: {reason}", cause);

    private SslClientAuthenticationOptions Options() => new()
    {
        TargetHost = endpoint.Host,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = ChainPolicy(),
        ClientCertificateContext = material.Client,
        LocalCertificateSelectionCallback = material.Client is null ? NoteRequest : null,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            _refusal = config.InsecureSkipTlsVerify ? null : Refusal(certificate as X509Certificate2, chain, errors);
            return _refusal is null;
        },
    };

    private X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (material.Trusted is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(material.Trusted);
        }

        return policy;
    }

    // Called once before the handshake without an issuer, and once more if the server asks.
    private X509Certificate NoteRequest(
        object sender, string host, X509CertificateCollection local, X509Certificate? remote, string[] issuers)
    {
        _clientCertificateWanted |= remote is not null;
        return null!;
    }

    private string? Refusal(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return "it has no certificate";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null && ChainProblem(chain) is { } problem)
        {
            return problem;
        }

        return errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
            ? $"its certificate is not for '{endpoint.Host}' but for {Names(certificate)}: "
                + "use one of these names as the endpoint (cilium-host-aliases gives it an address), or issue a new certificate"
            : null;
    }

    private string? ChainProblem(X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            var expired = chain.ChainElements.Select(e => e.Certificate)
                .FirstOrDefault(c => chain.ChainPolicy.VerificationTime > c.NotAfter) ?? chain.ChainElements[0].Certificate;
            return $"the certificate '{expired.Subject}' is valid only from {expired.NotBefore:u} to {expired.NotAfter:u}: "
                + "renew it, or correct the clock";
        }

        const X509ChainStatusFlags Unanchored = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;
        if ((status & ~Unanchored) == 0 && IsAnchored(chain))
        {
            return null;
        }

        return (status & Unanchored) != 0
            ? $"its certificate is not signed by {config.TrustedCaFile?.Path ?? "a certificate authority of this system"} "
                + $"but by '{chain.ChainElements[^1].Certificate.Issuer}': set trusted-ca-file in {config.Path} to that authority's certificate"
            : $"its certificate is not acceptable ({status}): issue a new one";
    }

    /// <summary>Go accepts any certificate of the file as an anchor, also an intermediate one; .NET wants a root.</summary>
    private bool IsAnchored(X509Chain chain) =>
        material.Trusted is { } trusted
        && chain.ChainElements.Any(e => trusted.Any(t => t.RawDataMemory.Span.SequenceEqual(e.Certificate.RawDataMemory.Span)));

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString())))
            .Take(10)
            .ToList();
        return names.Count > 0 ? string.Join(", ", names) : $"'{certificate.Subject}' (without alternative names)";
    }
}
