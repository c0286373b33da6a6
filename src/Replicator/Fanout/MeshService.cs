using Grpc.Core;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>The call <c>Subscribe</c>: the handshake, then the reader of what the subscriber sends. A shard writes.</summary>
internal sealed class MeshService(
    SubscriberRegistry registry,
    HelloRules rules,
    OfferedClusters offers,
    DaemonInstance instance,
    FanoutOptions options,
    TimeProvider time,
    ILogger<MeshService> logger)
{
    /// <summary>Serves one subscriber until its session ends.</summary>
    public async Task Subscribe(
        IAsyncStreamReader<ClientFrame> requests, IServerStreamWriter<OutboundFrame> responses, ServerCallContext context)
    {
        var (session, reply) = await OpenAsync(requests, responses, context);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        var reader = Task.CompletedTask;
        try
        {
            await responses.WriteAsync(reply).WaitAsync(options.NoProgressTimeout, time, context.CancellationToken);
            registry.Serve(session);
            reader = ReadAsync(session, requests, reading.Token);
        }
        catch (Exception failure) when (
            failure is TimeoutException or OperationCanceledException or IOException or InvalidOperationException)
        {
            session.End(SessionEnd.NoProgress(options.NoProgressTimeout));
        }

        var end = await session.Ended;
        registry.Close(session, end);
        await reading.CancelAsync();
        if (end.Resets)
        {
            context.GetHttpContext().Abort();
        }

        // The call must not return below a write. Of a peer that takes its bytes it ends soon, of another one by the reset.
        var writing = session.StopWriting();
        await writing.WaitAsync(options.ClosingTimeout, time, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!writing.IsCompleted)
        {
            context.GetHttpContext().Abort();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await reader;
        FanoutLog.Ended(logger, session.Subscription.Node, session.Id, end.Reason, Suffix(end.Status));
        if (end.Status.StatusCode != StatusCode.OK)
        {
            throw new RpcException(end.Status);
        }
    }

    private static string Suffix(Status status) => status.Detail.Length == 0 ? "" : ": " + status.Detail;

    private async Task<(SubscriberSession Session, OutboundFrame Reply)> OpenAsync(
        IAsyncStreamReader<ClientFrame> requests, IServerStreamWriter<OutboundFrame> responses, ServerCallContext context)
    {
        try
        {
            var hello = await ReadHelloAsync(requests, context.CancellationToken);
            var subscription = rules.Agree(hello);
            if (!registry.TryOpen(subscription, ResumeClaims.Of(hello, instance), context.Peer, responses, out var session, out var refusal))
            {
                throw new RpcException(refusal);
            }

            FanoutLog.Subscribed(logger, subscription.Node, context.Peer, session.Id);
            return (session, FrameEncoding.Of(new ServerFrame { HelloReply = offers.Reply(session) }));
        }
        catch (RpcException refused)
        {
            FanoutLog.Refused(logger, context.Peer, refused.Status.Detail);
            throw;
        }
    }

    private async Task<Hello> ReadHelloAsync(IAsyncStreamReader<ClientFrame> requests, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.HelloTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (!await requests.MoveNext(either.Token))
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, "the stream ended before its Hello"));
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new RpcException(new Status(
                StatusCode.DeadlineExceeded, $"no Hello within {options.HelloTimeout.TotalSeconds:0.#} s"));
        }

        return requests.Current.Hello
            ?? throw new RpcException(new Status(StatusCode.InvalidArgument, "the first frame must be a Hello"));
    }

    private async Task ReadAsync(SubscriberSession session, IAsyncStreamReader<ClientFrame> requests, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken))
            {
                Take(session, requests.Current);
            }

            session.PeerLeft();
        }
        catch (RpcException refused)
        {
            // Not a frame, or a frame beyond the limit.
            session.End(new SessionEnd("violation", refused.Status));
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or InvalidOperationException)
        {
            session.PeerLeft();
        }
#pragma warning disable CA1031 // The peer's bytes decide what the parser throws; none of it may reach the host.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            FanoutLog.SessionFailed(logger, session.Subscription.Node, failure);
            session.End(SessionEnd.Failed);
        }
    }

    private void Take(SubscriberSession session, ClientFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ClientFrame.FrameOneofCase.Ack:
                session.OnAck(frame.Ack);
                break;
            case ClientFrame.FrameOneofCase.Nack:
                if (session.OnNack(frame.Nack))
                {
                    FanoutLog.Nacked(logger, session.Subscription.Node, NackText.Of(frame.Nack));
                }

                break;
            case ClientFrame.FrameOneofCase.Resync:
                FanoutLog.Diverged(logger, session.Subscription.Node, NackText.Part(frame.Resync.Cluster));
                session.OnResync(frame.Resync);
                break;
            case ClientFrame.FrameOneofCase.Hello:
                session.End(SessionEnd.Violation("a stream has one Hello, its first frame"));
                break;
            default:
                // A frame of a later protocol: to be ignored, by the rules of evolution.
                break;
        }
    }
}
