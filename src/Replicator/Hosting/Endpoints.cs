using System.Net;
using System.Net.Sockets;
using KvStoreMesh.Replicator.Options;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KvStoreMesh.Replicator.Hosting;

/// <summary>Where Kestrel listens, and with what limits.</summary>
internal static class Endpoints
{
    // A peer that vanished without a word is noticed after both.
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Configures the server.</summary>
    public static void Configure(KestrelServerOptions kestrel, DaemonOptions options, StreamCertificates? certificates, long connectionsPerAddress)
    {
        kestrel.AddServerHeader = false;

        // A slow reader is no reason to end its stream; whether it makes progress is the fan-out's to judge.
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MaxRequestBodySize = 64 << 10;
        kestrel.Limits.KeepAliveTimeout = options.Fanout.IdleConnectionTimeout;
        kestrel.Limits.MaxConcurrentConnections = connectionsPerAddress;
        kestrel.Limits.Http2.KeepAlivePingDelay = PingDelay;
        kestrel.Limits.Http2.KeepAlivePingTimeout = PingTimeout;
        kestrel.Limits.Http2.MaxFrameSize = 64 << 10;

        Listen(kestrel, options.Listen, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            if (certificates is not null)
            {
                endpoint.UseHttps(certificates.Callback());
            }
        });
        foreach (var (_, address) in options.Http)
        {
            Listen(kestrel, address, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        }
    }

    /// <summary>
    /// Fails with the option's name if an address cannot be had. Asked before anything is started: the server would say so
    /// only when sources are connected already, and with a stack trace.
    /// </summary>
    /// <exception cref="OptionException">An address is in use, not of this machine, or not allowed.</exception>
    public static void EnsureFree(DaemonOptions options)
    {
        var probes = new List<TcpListener>();
        try
        {
            // Held until all are bound: of two options with one address the second one is refused.
            foreach (var (option, address) in options.Http.Prepend(("--listen", options.Listen)))
            {
                probes.Add(Bind(option, address));
            }
        }
        finally
        {
            probes.ForEach(probe => probe.Dispose());
        }
    }

    private static TcpListener Bind(string option, ListenAddress address)
    {
        // As the server does for every address: both families by one socket, where there is IPv6.
        var probe = address.Host is null && Socket.OSSupportsIPv6
            ? TcpListener.Create(address.Port)
            : new TcpListener(address.Host ?? IPAddress.Any, address.Port);
        try
        {
            probe.Start();
            return probe;
        }
        catch (SocketException error)
        {
            probe.Dispose();
            throw new OptionException(
                option, $"cannot listen on {address} ({error.Message}): choose another address, or stop what uses it");
        }
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress address, Action<ListenOptions> configure)
    {
        if (address.Host is null)
        {
            kestrel.ListenAnyIP(address.Port, configure);
        }
        else
        {
            kestrel.Listen(address.Host, address.Port, configure);
        }
    }
}
