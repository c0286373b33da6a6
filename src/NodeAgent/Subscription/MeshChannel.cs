using Grpc.Net.Client;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>Opens the channel to a daemon. One connection per session: a new session is a new name resolution and handshake.</summary>
internal static class MeshChannel
{
    /// <exception cref="IOException">A TLS file cannot be read.</exception>
    public static GrpcChannel Open(Uri server, SubscriptionOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,

            // Finds a peer that is gone without a word also while it owes nothing.
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            UseProxy = false,
        };
        if (options.Tls is { } tls)
        {
            handler.SslOptions = tls.Load();
        }

        return GrpcChannel.ForAddress(server, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = options.MaxFrameBytes,
        });
    }
}
