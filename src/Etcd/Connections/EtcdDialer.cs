using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Configuration;

namespace KvStoreMesh.Etcd.Connections;

/// <summary>
/// Reaches one endpoint step by step — name, TCP, TLS — outside gRPC, so that each step fails under its own name instead of
/// as gRPC's "Unavailable".
/// </summary>
/// <remarks>One use per attempt, by one caller at a time.</remarks>
internal sealed class EtcdDialer(
    EtcdClientConfig config, EtcdEndpoint endpoint, TlsMaterial? material, Action<IPAddress[]> shuffle, TimeProvider timeProvider)
{
    private string _waitingFor = string.Empty;
    private SourcePhase _phase = SourcePhase.NameResolution;

    /// <summary>Connects.</summary>
    /// <param name="timeout">The time all addresses together may take.</param>
    /// <param name="cancellationToken">Ends the attempt, whoever cancelled it and why.</param>
    public async Task<EtcdTransport> DialAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(cancellationToken);
        var socket = await ConnectAsync(addresses, timeout / addresses.Length, cancellationToken);
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (material is null)
        {
            Waiting(SourcePhase.Protocol, "accepted the connection but did not answer as an etcd");
            return new EtcdTransport(endpoint, stream, null);
        }

        Waiting(SourcePhase.Tls, "accepted the connection but did not end the TLS handshake");
        var handshake = new TlsHandshake(config, endpoint, material);
        var transport = new EtcdTransport(endpoint, await handshake.RunAsync(stream, cancellationToken), handshake);
        Waiting(SourcePhase.Protocol, "ended the TLS handshake but did not answer as an etcd");
        return transport;
    }

    /// <summary>What the attempt was waiting for when its time was over.</summary>
    public SourceException TimedOut(TimeSpan timeout) => _phase == SourcePhase.NameResolution
        ? Unresolved($"no name server answered within {timeout.TotalSeconds:0.#} s", null)
        : new(_phase, $"{endpoint} {_waitingFor} within {timeout.TotalSeconds:0.#} s: check that it is up and reachable from here");

    private void Waiting(SourcePhase phase, string what) => (_phase, _waitingFor) = (phase, what);

    private async Task<IPAddress[]> ResolveAsync(CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(endpoint.Host, out var literal))
        {
            return [literal];
        }

        if (config.HostAliases.TryGetValue(endpoint.Host, out var alias))
        {
            IPAddress[] shuffled = [.. alias];
            shuffle(shuffled);
            return shuffled;
        }

        try
        {
            var addresses = await Dns.GetHostAddressesAsync(endpoint.Host, cancellationToken);
            return addresses.Length > 0 ? addresses : throw Unresolved("it has no address", null);
        }
        catch (SocketException e)
        {
            throw Unresolved(e.Message, e);
        }
    }

    private SourceException Unresolved(string reason, Exception? cause) => new(
        SourcePhase.NameResolution,
        $"cannot resolve host {endpoint.Host} ({reason}): correct the endpoint in {config.Path}, or give it an address under cilium-host-aliases",
        cause);

    private async Task<Socket> ConnectAsync(IPAddress[] addresses, TimeSpan each, CancellationToken cancellationToken)
    {
        Waiting(SourcePhase.Tcp, "did not accept a TCP connection");
        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var limit = new CancellationTokenSource(each, timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, endpoint.Port), either.Token);
                return socket;
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                socket.Dispose();
                last = Refused(address, e as SocketException);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last!;
    }

    private SourceException Refused(IPAddress address, SocketException? cause)
    {
        var at = new IPEndPoint(address, endpoint.Port);
        var message = cause?.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => $"connection refused by {at}: no etcd listens there; check that it runs, and the port in {config.Path}",
            SocketError.NetworkUnreachable or SocketError.HostUnreachable =>
                $"no route to {at}: check the network between the clusters and the address of {endpoint.Host}",
            null => $"no answer from {at}: it is down, or a firewall drops the packets",
            _ => $"cannot connect to {at}: {cause.Message}",
        };
        return new SourceException(SourcePhase.Tcp, message, cause);
    }
}
