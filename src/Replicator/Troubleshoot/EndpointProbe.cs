using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KvStoreMesh.Etcd.Configuration;

namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>Reaches one endpoint step by step: name, TCP, TLS. Looks at every address, and at a certificate also when it would be refused.</summary>
internal sealed class EndpointProbe(EtcdClientConfig config, TimeSpan timeout, TimeProvider time)
{
    /// <summary>Looks.</summary>
    public async Task LookAsync(EtcdEndpoint endpoint, List<Finding> findings, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(endpoint, findings, cancellationToken);
        foreach (var address in addresses)
        {
            var at = new IPEndPoint(address, endpoint.Port);
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (await ConnectAsync(socket, at, findings, cancellationToken) && endpoint.IsTls)
            {
                await HandshakeAsync(socket, endpoint, at, findings, cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyList<IPAddress>> ResolveAsync(EtcdEndpoint endpoint, List<Finding> findings, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(endpoint.Host, out var literal))
        {
            return [literal];
        }

        if (config.HostAliases.TryGetValue(endpoint.Host, out var aliases))
        {
            findings.Add(Finding.Fine("dns", $"{endpoint.Host} is {string.Join(", ", aliases)} by cilium-host-aliases"));
            return aliases;
        }

        using var limit = Limit(cancellationToken);
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(endpoint.Host, limit.Token);
            findings.Add(Finding.Fine("dns", $"{endpoint.Host} resolved to {string.Join(", ", addresses.Select(address => address.ToString()))}"));
            return addresses;
        }
        catch (Exception failure) when (IsTrouble(failure, cancellationToken))
        {
            findings.Add(Finding.Error(
                "dns", $"cannot resolve {endpoint.Host}: {Reason(failure)}", $"correct the endpoint in {config.Path}, or give the name an address under cilium-host-aliases"));
            return [];
        }
    }

    private async Task<bool> ConnectAsync(Socket socket, IPEndPoint at, List<Finding> findings, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        try
        {
            await socket.ConnectAsync(at, limit.Token);
            findings.Add(Finding.Fine("tcp", $"{at} accepts connections"));
            return true;
        }
        catch (Exception failure) when (IsTrouble(failure, cancellationToken))
        {
            var wayOut = (failure as SocketException)?.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "start that cluster's etcd (clustermesh-apiserver), or correct the port",
                SocketError.NetworkUnreachable or SocketError.HostUnreachable => "there is no route: check VPN, peering and the address",
                _ => "it is down, or a firewall drops the packets: check security groups for this port",
            };
            findings.Add(Finding.Error("tcp", $"cannot connect to {at}: {Reason(failure)}", wayOut));
            return false;
        }
    }

    private async Task HandshakeAsync(Socket socket, EtcdEndpoint endpoint, IPEndPoint at, List<Finding> findings, CancellationToken cancellationToken)
    {
        var judged = new List<Finding>();
        await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
        using var limit = Limit(cancellationToken);
        try
        {
            var material = ClientFiles.Read(config, judged, time.GetUtcNow());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = endpoint.Host,
                    ApplicationProtocols = [SslApplicationProtocol.Http2],
                    CertificateChainPolicy = material.ChainPolicy(),
                    ClientCertificateContext = material.Client,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,

                    // Nothing is sent to whoever this is; the certificate is what we came for.
#pragma warning disable CA5359
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    {
                        Judge(certificate as X509Certificate2, chain, errors, endpoint, judged);
                        return true;
                    },
#pragma warning restore CA5359
                },
                limit.Token);
            findings.Add(Finding.Fine("tls", $"{at} speaks {(tls.SslProtocol == SslProtocols.Tls13 ? "TLS 1.3" : "TLS 1.2")}, {tls.NegotiatedCipherSuite}"));
        }
        catch (Exception failure) when (IsTrouble(failure, cancellationToken))
        {
            findings.Add(Finding.Error(
                "tls", $"the handshake with {at} failed: {Reason(failure.InnerException ?? failure)}", "check that this port speaks TLS (else write http://), and that the client certificate is of the authority that it trusts"));
        }

        findings.AddRange(judged.Except(findings));
    }

    private void Judge(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, EtcdEndpoint endpoint, List<Finding> findings)
    {
        if (certificate is null)
        {
            findings.Add(Finding.Error("tls", "the server has no certificate"));
            return;
        }

        findings.Add(Finding.Note("tls", $"the server's certificate: {CertificateFindings.Describe(certificate)}"));
        findings.Add(CertificateFindings.Validity(certificate, "the server's certificate", time.GetUtcNow()));
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            findings.Add(Finding.Error(
                "tls", $"the server's certificate is not for {endpoint.Host}", "use one of its names as the endpoint (cilium-host-aliases gives it an address), or issue a new certificate"));
        }

        const X509ChainStatusFlags Unanchored = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;
        if (chain is not null && chain.ChainStatus.Any(status => (status.Status & Unanchored) != 0) && !IsAnchored(chain))
        {
            findings.Add(Finding.Error(
                "tls",
                $"the server's certificate is signed by '{chain.ChainElements[^1].Certificate.Issuer}', which {config.TrustedCaFile?.Path ?? "the system"} does not hold",
                $"both clusters must share an authority: put that one's certificate into trusted-ca-file of {config.Path}"));
        }

        if (config.InsecureSkipTlsVerify)
        {
            findings.Add(Finding.Warning("tls", $"insecure-skip-tls-verify is set in {config.Path}: anybody can pose as this cluster", "remove it"));
        }
    }

    // As the Go client: any certificate of the file is an anchor, also an intermediate one.
    private static bool IsAnchored(X509Chain chain) => chain.ChainPolicy.CustomTrustStore.Any(
        trusted => chain.ChainElements.Any(element => element.Certificate.RawDataMemory.Span.SequenceEqual(trusted.RawDataMemory.Span)));

    private CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        return limit;
    }

    private string Reason(Exception failure) => failure is OperationCanceledException ? $"no answer within {timeout.TotalSeconds:0.#}s" : failure.Message;

    private static bool IsTrouble(Exception failure, CancellationToken cancellationToken) =>
        failure is SocketException or AuthenticationException or IOException or InvalidOperationException
        || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
