using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Configuration;

namespace KvStoreMesh.Etcd.Connections;

/// <summary>
/// An established byte stream to an etcd, over which HTTP/2 is spoken once. It is never replaced: when it breaks, the
/// connection built on it is over, so that one connection is one TCP connection to one member with one cluster ID.
/// </summary>
internal sealed class EtcdTransport(EtcdEndpoint endpoint, Stream stream, TlsHandshake? handshake) : IDisposable
{
    private int _taken;

    public EtcdEndpoint Endpoint => endpoint;

    /// <summary>Hands the stream to the HTTP/2 handler; a second request for it means that the first one broke.</summary>
    public ValueTask<Stream> TakeAsync() =>
        Interlocked.Exchange(ref _taken, 1) == 0
            ? ValueTask.FromResult(stream)
            : ValueTask.FromException<Stream>(new SourceException(SourcePhase.Tcp, $"the connection to {endpoint} is lost"));

    /// <summary>Names the step that failed when the first answer did not come although the connection was made.</summary>
    public SourceException ExplainFirstAnswer(Exception cause, string configPath)
    {
        if (handshake?.ExplainLateRefusal(cause) is { } refusal)
        {
            return refusal;
        }

        var way = handshake is not null ? "check the host and the port" : "check the host and the port, and write https:// if it uses TLS";
        return new SourceException(
            SourcePhase.Protocol, $"{endpoint} does not speak gRPC over HTTP/2, so it is not an etcd's client port: {way} in {configPath}", cause);
    }

    public void Dispose() => stream.Dispose();
}
