using CsCheck;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Protos.V1;
using KvStoreMesh.Replicator.Fanout;

namespace KvStoreMesh.Replicator.Tests.Fanout;

/// <summary>Whatever a peer sends as a Hello or later, it is served or gets a status that says why; nothing else is touched.</summary>
public sealed class ClientFuzzTests
{
    private static readonly Method<byte[], byte[]> Raw = new(
        MethodType.DuplexStreaming, "kvstoremesh.v1.Mesh", "Subscribe", Marshallers.Create(bytes => bytes, bytes => bytes), Marshallers.Create(bytes => bytes, bytes => bytes));

    private static readonly StatusCode[] Refusals = [StatusCode.InvalidArgument, StatusCode.FailedPrecondition, StatusCode.ResourceExhausted];

    private static readonly Gen<string> Name = Gen.OneOf(
        Gen.OneOf("b", "c", "", "node", "B", "-", "a b", "ünïcode", "\0", "\ud83d\ude00"), Gen.Int[0, 400].Select(length => new string('x', length)), Gen.String[0, 20]);

    private static readonly Gen<ResumeToken> Token = Gen.Select(
        Name, Gen.ULong, Gen.OneOf(Gen.Long, Gen.Long[-1, 20]), Gen.Byte.Array[0, 17], Gen.OneOf(Gen.Long, Gen.Long[-1, 20]), (cluster, epoch, revision, digest, seq) => new ResumeToken
        {
            Cluster = Text(cluster), Epoch = epoch, Revision = revision, Digest = ByteString.CopyFrom(digest), Seq = seq, Fingerprint = epoch,
        });

    private static readonly Gen<Hello> AnyHello = Gen.Select(
        Gen.Select(Gen.UInt[0, 2], Gen.OneOf(Gen.UInt[0, 2], Gen.UInt), Gen.OneOf(Gen.ULong[0, 7], Gen.ULong)),
        Gen.Select(Name, Name, Name),
        Gen.OneOf(Name.Array[0, 3], Gen.Int[1000, 1100].Select(count => Enumerable.Repeat("b", count).ToArray())),
        Gen.OneOf(Gen.Int.Array[0, 3], Gen.Int[0, 9].Array[0, 10], Gen.Int[1000, 1100].Select(count => new int[count])),
        Gen.OneOf(Token.Array[0, 3], Gen.Int[1000, 1100].Select(count => Enumerable.Repeat(new ResumeToken(), count).ToArray())),
        Gen.Select(Gen.UInt, Gen.UInt, Gen.UInt),
        (numbers, names, clusters, resources, tokens, wishes) =>
        {
            var hello = new Hello
            {
                ProtocolMin = numbers.Item1,
                ProtocolMax = numbers.Item2,
                Features = numbers.Item3,
                NodeName = Text(names.Item1),
                InstanceId = Text(names.Item2),
                ResumeInstance = Text(names.Item3),
                MaxFrameBytes = wishes.Item1,
                HeartbeatMs = wishes.Item2,
                ReceiveBudgetBytes = wishes.Item3,
            };
            hello.Clusters.AddRange(clusters.Select(Text));
            hello.Resources.AddRange(resources.Select(kind => (ResourceKind)kind));
            hello.Resume.AddRange(tokens);
            return hello;
        });

    private static readonly Gen<ClientFrame> AnyFrame = Gen.OneOf<ClientFrame>(
        AnyHello.Select(hello => new ClientFrame { Hello = hello }),
        Gen.Select(Gen.ULong[0, 3], Gen.OneOf(Gen.Long, Gen.Long[-1, 20]), Gen.ULong, (session, seq, bytes) => new ClientFrame { Ack = new Ack { Session = session, AppliedSeq = seq, ReceivedBytes = bytes, HeldMicros = (uint)bytes } }),
        Gen.Select(Gen.Long, Name, Name, Gen.Int, (seq, cluster, name, kind) => new ClientFrame { Nack = new Nack { Seq = seq, Cluster = Text(cluster), Name = Text(name), Kind = (ResourceKind)kind } }),
        Gen.Select(Gen.ULong[0, 3], Name, (session, cluster) => new ClientFrame { Resync = new Resync { Session = session, Cluster = Text(cluster) } }));

    /// <summary>Frames as they are, a bit wrong, or with what a later protocol may add.</summary>
    private static readonly Gen<byte[]> AnyBytes = Gen.Select(
        Gen.OneOf(AnyFrame.Select(frame => frame.ToByteArray()), Gen.Byte.Array[0, 60]), Gen.Int[0, 7], Gen.Int[0, 300], Gen.Byte, Damage);

    [Fact]
    public void Any_hello_gives_terms_within_the_bounds_or_a_status_that_says_why()
    {
        var options = new FanoutOptions();
        var rules = new HelloRules(options);
        var (agreed, refused) = (0, 0);
        AnyHello.Sample(hello =>
        {
            try
            {
                var terms = rules.Agree(hello);
                var claims = ResumeClaims.Of(hello, new DaemonInstance("d"));
                Assert.InRange(terms.FrameBytes, options.FrameBytesBounds.Min, options.FrameBytesBounds.Max);
                Assert.InRange(terms.ReceiveBudgetBytes, options.ReceiveBudgetBytesBounds.Min, options.ReceiveBudgetBytesBounds.Max);
                Assert.InRange(terms.Heartbeat, options.HeartbeatBounds.Min, options.HeartbeatBounds.Max);
                Assert.InRange(claims.Count, 0, ResumeClaims.Max);
                Interlocked.Increment(ref agreed);
            }
            catch (RpcException refusal)
            {
                AssertClear(refusal.Status);
                Interlocked.Increment(ref refused);
            }
        }, iter: 5000);
        Assert.True(agreed > 20 && refused > 20, $"{agreed} agreed, {refused} refused");
    }

    [Fact]
    public async Task Any_bytes_on_the_wire_are_served_or_refused_and_the_next_subscriber_is_served()
    {
        await using var server = await StreamServer.StartAsync(new FanoutOptions { HelloTimeout = TimeSpan.FromMilliseconds(50) });
        var world = new MeshWorld(server.Cache, new Random(1));
        for (var i = 0; i < 5; i++)
        {
            world.Change(ClusterName.Parse("b"), 3);
            world.Change(ClusterName.Parse("c"), 3);
        }

        using var channel = GrpcChannel.ForAddress(server.Address);
        var (served, refused) = (0, 0);
        var hello = new ClientFrame { Hello = StreamClient.NewHello("node") }.ToByteArray();
        var resuming = new ClientFrame { Hello = StreamClient.NewHello("node") };
        resuming.Hello.Features = ulong.MaxValue;
        var first = Gen.OneOf(Gen.Const(hello), Gen.Const(resuming.ToByteArray()), AnyBytes);
        await Gen.Select(first, AnyBytes.Array[0, 4]).SampleAsync(
            async (start, then) =>
            {
                var (isServed, status) = await TalkAsync(channel, [start, .. then]);
                if (status.StatusCode != StatusCode.OK)
                {
                    AssertClear(status);
                    Interlocked.Increment(ref refused);
                }

                served += isServed ? 1 : 0;
            },
            iter: 400,
            threads: 1);
        Assert.True(served > 50 && refused > 50, $"{served} served, {refused} refused");

        await using var next = await StreamClient.ConnectAsync(server, "next");
        await next.ReadUntilAsync(() => next.Replica.Position == server.Cache.Head && next.Replica.Snapshots == 2);
    }

    /// <summary>Sends all, closes its side, and reads to the end.</summary>
    private static async Task<(bool Served, Status Status)> TalkAsync(GrpcChannel channel, byte[][] frames)
    {
        // Ends a test that would hang; no assertion depends on it.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(Raw, null, new CallOptions(cancellationToken: limit.Token));
        try
        {
            foreach (var frame in frames)
            {
                await call.RequestStream.WriteAsync(frame, limit.Token);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception refusal) when (refusal is RpcException or InvalidOperationException)
        {
            // The refusal came before the last byte had left: it is read below.
        }

        var served = false;
        try
        {
            while (await call.ResponseStream.MoveNext(limit.Token))
            {
                served |= ServerFrame.Parser.ParseFrom(call.ResponseStream.Current).HelloReply is not null;
            }

            return (served, Status.DefaultSuccess);
        }
        catch (RpcException end)
        {
            return (served, end.Status);
        }
    }

    private static void AssertClear(Status status)
    {
        Assert.Contains(status.StatusCode, Refusals);
        Assert.InRange(status.Detail.Length, 10, 1000);
        Assert.DoesNotContain("xception", status.Detail, StringComparison.Ordinal);
    }

    private static byte[] Damage(byte[] frame, int how, int at, byte value)
    {
        var place = frame.Length == 0 ? 0 : at % frame.Length;
        return how switch
        {
            0 when frame.Length > 0 => [.. frame[..place], value, .. frame[(place + 1)..]],
            1 => frame[..place],
            2 => [.. frame[..place], value, .. frame[place..]],

            // A field that nobody knows yet; then a member of the oneof, instead of what is there.
            3 => [.. frame, 0xc2, 0x3e, 0x01, value],
            4 => [0xc2, 0x3e, 0x01, value],
            _ => frame,
        };
    }

    // Half of a pair of surrogates cannot be encoded: such bytes come from the damage instead.
    private static string Text(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.ToString()));
}
