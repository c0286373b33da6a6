using System.Net.Security;
using Grpc.Core;
using Grpc.Net.Client;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>A subscriber on a connection of its own that does only what it is told, so that a test decides how slow it is.</summary>
internal sealed class StreamClient : IAsyncDisposable
{
    // Ends a test that would hang; no assertion depends on it.
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(30));
    private readonly GrpcChannel _channel;
    private ulong _session;
    private ulong _receivedBytes;

    private StreamClient(Uri address, ReplicaModel replica, SslClientAuthenticationOptions? tls)
    {
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { SslOptions = tls ?? new SslClientAuthenticationOptions() },
            DisposeHttpClient = true,
        });
        Call = new Mesh.MeshClient(_channel).Subscribe(cancellationToken: _limit.Token);
        Replica = replica;
    }

    public AsyncDuplexStreamingCall<ClientFrame, ServerFrame> Call { get; }

    public ReplicaModel Replica { get; }

    public CancellationToken Limit => _limit.Token;

    /// <summary>The reply to the Hello was read.</summary>
    public bool IsOpen => _session != 0;

    /// <summary>Bytes received and not acknowledged.</summary>
    public ulong Owed { get; private set; }

    public static Hello NewHello(string node) => new() { ProtocolMin = 1, ProtocolMax = 1, NodeName = node, InstanceId = "i-1" };

    /// <summary>Opens a stream without saying anything.</summary>
    public static StreamClient Open(Uri address, ReplicaModel? replica = null, SslClientAuthenticationOptions? tls = null) =>
        new(address, replica ?? new ReplicaModel(), tls);

    /// <summary>Opens a stream and says Hello.</summary>
    public static async Task<StreamClient> ConnectAsync(
        StreamServer server, string node = "node", Action<Hello>? adjust = null, ReplicaModel? replica = null)
    {
        var client = Open(server.Address, replica);
        var hello = NewHello(node);
        adjust?.Invoke(hello);
        await client.SendAsync(new ClientFrame { Hello = hello });
        return client;
    }

    public Task SendAsync(ClientFrame frame) => Call.RequestStream.WriteAsync(frame, _limit.Token);

    /// <summary>Reads one frame into the replica; null at the end of the stream.</summary>
    public async Task<ServerFrame?> ReadAsync()
    {
        if (!await Call.ResponseStream.MoveNext(_limit.Token))
        {
            return null;
        }

        var frame = Call.ResponseStream.Current;
        _receivedBytes += (ulong)frame.CalculateSize();
        Owed += (ulong)frame.CalculateSize();
        _session = frame.HelloReply?.Session ?? _session;
        Replica.Accept(frame);
        return frame;
    }

    /// <summary>Reads and acknowledges until a condition holds.</summary>
    public async Task ReadUntilAsync(Func<bool> reached, int framesPerAck = 8)
    {
        for (var frames = 1; !IsOpen || !reached(); frames++)
        {
            Assert.NotNull(await ReadAsync());
            if (frames % framesPerAck == 0)
            {
                await AckAsync();
            }
        }

        await AckAsync();
    }

    public Task AckAsync(long? seq = null)
    {
        Owed = 0;
        var ack = new Ack { Session = _session, AppliedSeq = seq ?? Replica.Highest, ReceivedBytes = _receivedBytes };
        return SendAsync(new ClientFrame { Ack = ack });
    }

    /// <summary>Reads until the call fails or ends, and returns its status.</summary>
    public async Task<Status> EndAsync()
    {
        try
        {
            while (await ReadAsync() is not null)
            {
            }

            return Call.GetStatus();
        }
        catch (RpcException end)
        {
            return end.Status;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _limit.CancelAsync();
        Call.Dispose();
        _channel.Dispose();
        _limit.Dispose();
    }
}
