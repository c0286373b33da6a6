using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;
using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>Whatever one peer does, it gets one clear status and the next subscriber is served.</summary>
public sealed class HostileClientTests : IAsyncLifetime
{
    private static readonly Method<byte[], byte[]> Raw = new(
        MethodType.DuplexStreaming, "kvstoremesh.v1.Mesh", "Subscribe", Marshallers.Create(bytes => bytes, bytes => bytes), Marshallers.Create(bytes => bytes, bytes => bytes));

    private StreamServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await StreamServer.StartAsync(new FanoutOptions { HelloTimeout = TimeSpan.FromMilliseconds(300), MaxSubscribers = 2 });
        new MeshWorld(_server.Cache, new Random(1)).Change(ClusterName.Parse("b"), 3);
    }

    public async Task DisposeAsync()
    {
        await using (var next = await StreamClient.ConnectAsync(_server, "next"))
        {
            await next.ReadUntilAsync(() => next.Replica.Position == _server.Cache.Head && next.Replica.Snapshots == 1);
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Silence_instead_of_a_hello_ends_the_stream()
    {
        await using var client = StreamClient.Open(_server.Address);
        var status = await client.EndAsync();
        Assert.Equal((StatusCode.DeadlineExceeded, "no Hello within 0.3 s"), (status.StatusCode, status.Detail));
    }

    [Theory]
    [InlineData("")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    public async Task A_connection_without_a_stream_is_closed(string said)
    {
        await using var server = await StreamServer.StartAsync(new FanoutOptions { IdleConnectionTimeout = TimeSpan.FromMilliseconds(300) });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var connection = new TcpClient();
        await connection.ConnectAsync(server.Address.Host, server.Address.Port, limit.Token);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(said), limit.Token);

        var closed = await Xunit.Record.ExceptionAsync(async () =>
        {
            while (await connection.GetStream().ReadAsync(new byte[1024], limit.Token) > 0)
            {
            }
        });

        Assert.True(closed is null or IOException, $"it was not closed: {closed}");
    }

    [Fact]
    public async Task Another_frame_instead_of_a_hello_is_refused()
    {
        await using var client = StreamClient.Open(_server.Address);
        await client.SendAsync(new ClientFrame { Ack = new Ack() });
        await ExpectAsync(client, StatusCode.InvalidArgument, "the first frame must be a Hello");
    }

    [Fact]
    public async Task A_second_hello_ends_the_stream()
    {
        await using var client = await StreamClient.ConnectAsync(_server);
        await client.ReadAsync();
        await client.SendAsync(new ClientFrame { Hello = StreamClient.NewHello("node") });
        await ExpectAsync(client, StatusCode.InvalidArgument, "a stream has one Hello, its first frame");
    }

    [Fact]
    public async Task An_ack_of_what_was_never_sent_ends_the_stream()
    {
        await using var client = await StreamClient.ConnectAsync(_server);
        await client.ReadUntilAsync(() => client.Replica.Position == _server.Cache.Head);
        await client.AckAsync(seq: _server.Cache.Head + 1);
        await ExpectAsync(client, StatusCode.InvalidArgument, $"applied_seq {_server.Cache.Head + 1} was never sent");
    }

    [Fact]
    public async Task An_ack_that_goes_backwards_ends_the_stream()
    {
        await using var client = await StreamClient.ConnectAsync(_server);
        await client.ReadUntilAsync(() => client.Replica.Position == _server.Cache.Head);
        await client.AckAsync(seq: 1);
        await ExpectAsync(client, StatusCode.InvalidArgument, $"applied_seq 1 is below {_server.Cache.Head}, which was acknowledged before");
    }

    [Fact]
    public async Task An_ack_of_another_session_ends_the_stream()
    {
        await using var client = await StreamClient.ConnectAsync(_server);
        await client.ReadAsync();
        await client.SendAsync(new ClientFrame { Ack = new Ack { Session = 4711 } });
        var status = await client.EndAsync();
        Assert.Equal(StatusCode.InvalidArgument, status.StatusCode);
    }

    [Fact]
    public async Task A_hello_beyond_the_limit_is_refused()
    {
        var hello = StreamClient.NewHello("huge");
        hello.Resume.Add(Enumerable.Range(0, 6000).Select(i => new ResumeToken { Cluster = $"cluster-{i}", Digest = ByteString.CopyFrom(new byte[64]) }));
        await using var client = StreamClient.Open(_server.Address);

        // The refusal may arrive before the last byte has left.
        var sending = client.SendAsync(new ClientFrame { Hello = hello });
        var status = await client.EndAsync();

        Assert.Equal(StatusCode.ResourceExhausted, status.StatusCode);
        Assert.True(await Xunit.Record.ExceptionAsync(() => sending) is null or RpcException);
    }

    [Fact]
    public async Task Subscribers_beyond_the_limit_are_refused()
    {
        await using var first = await StreamClient.ConnectAsync(_server, "first");
        await using var second = await StreamClient.ConnectAsync(_server, "second");
        await first.ReadAsync();
        await second.ReadAsync();
        await using (var third = await StreamClient.ConnectAsync(_server, "third"))
        {
            await ExpectAsync(third, StatusCode.ResourceExhausted, "2 subscribers are connected, the limit is 2");
        }

        await first.Call.RequestStream.CompleteAsync();
        Assert.Equal(StatusCode.OK, (await first.EndAsync()).StatusCode);
    }

    [Fact]
    public async Task A_closed_sending_side_ends_the_stream_in_peace()
    {
        await using var client = await StreamClient.ConnectAsync(_server);
        await client.ReadAsync();
        await client.Call.RequestStream.CompleteAsync();
        Assert.Equal(StatusCode.OK, (await client.EndAsync()).StatusCode);
    }

    [Fact]
    public async Task Garbage_is_refused()
    {
        using var channel = GrpcChannel.ForAddress(_server.Address);
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(Raw, null, default);
        await call.RequestStream.WriteAsync([0xff, 0xff, 0xff, 0xff, 0x07]);
        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default));
        Assert.NotEqual(StatusCode.OK, refused.StatusCode);
    }

    [Fact]
    public async Task Garbage_after_the_hello_ends_the_stream()
    {
        using var channel = GrpcChannel.ForAddress(_server.Address);
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(Raw, null, default);
        await call.RequestStream.WriteAsync(new ClientFrame { Hello = StreamClient.NewHello("raw") }.ToByteArray());
        Assert.True(await call.ResponseStream.MoveNext(default));
        await call.RequestStream.WriteAsync([0xff, 0xff, 0xff, 0xff, 0x07]);
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(default))
            {
            }
        });
        Assert.NotEqual(StatusCode.OK, refused.StatusCode);
    }

    [Fact]
    public async Task A_frame_of_a_later_protocol_is_ignored()
    {
        using var channel = GrpcChannel.ForAddress(_server.Address);
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(Raw, null, default);
        await call.RequestStream.WriteAsync(new ClientFrame { Hello = StreamClient.NewHello("later") }.ToByteArray());
        Assert.True(await call.ResponseStream.MoveNext(default));
        var session = ServerFrame.Parser.ParseFrom(call.ResponseStream.Current).HelloReply.Session;

        // Field 1000, a message of two bytes: no member of today's oneof.
        await call.RequestStream.WriteAsync([0xc2, 0x3e, 0x02, 0x08, 0x01]);
        await call.RequestStream.WriteAsync(new ClientFrame { Ack = new Ack { Session = session + 1 } }.ToByteArray());
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(default))
            {
            }
        });
        Assert.Contains("the ack is of session", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 3, "update the daemon")]
    [InlineData(0, 0, "update the agent")]
    public async Task Without_a_common_version_the_stream_is_refused(uint min, uint max, string way)
    {
        await using var client = await StreamClient.ConnectAsync(_server, adjust: hello => (hello.ProtocolMin, hello.ProtocolMax) = (min, max));
        var status = await client.EndAsync();
        Assert.Equal(StatusCode.FailedPrecondition, status.StatusCode);
        Assert.EndsWith(way, status.Detail, StringComparison.Ordinal);
    }

    private static async Task ExpectAsync(StreamClient client, StatusCode code, string detail)
    {
        var status = await client.EndAsync();
        Assert.Equal((code, detail), (status.StatusCode, status.Detail));
    }
}
