using KvStoreMesh.Replicator.Options;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KvStoreMesh.Replicator.Hosting;

/// <summary>Where Kestrel listens, and with what limits.</summary>
internal static class Endpoints
{
    /// <summary>One more second than this and a vanished agent is noticed: after the ping's delay and its timeout.</summary>
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Configures the server.</summary>
    public static void Configure(KestrelServerOptions kestrel, DaemonOptions options, StreamCertificates? certificates)
    {
        kestrel.AddServerHeader = false;

        // A slow reader is no reason to end its stream; whether it makes progress is the fan-out's to judge.
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MaxRequestBodySize = 64 << 10;
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

    /// <summary>The option whose address a failed start was about, for the message.</summary>
    public static OptionException InUse(DaemonOptions options, IOException failure)
    {
        var all = options.Http.Prepend(("--listen", options.Listen));
        var (option, address) = all.FirstOrDefault(
            entry => failure.Message.Contains(Shown(entry.Item2), StringComparison.Ordinal), ("--listen, --http", options.Listen));
        return new OptionException(option, $"cannot listen on {address}: {failure.GetBaseException().Message}; choose another address, or stop what uses it");
    }

    // As Kestrel writes it: http://[::]:9964
    private static string Shown(ListenAddress address) => address.Host is null ? $"[::]:{address.Port}" : address.ToString();

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
