using Grpc.Core;
using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Desired;
using KvStoreMesh.NodeAgent.Timing;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>
/// One session: says Hello, then reads a frame, has it applied, and only then reads the next one.
/// </summary>
/// <remarks>
/// So what the agent holds of the stream is one frame and what <see cref="FrameAssembler"/> stages; the rest waits in the
/// daemon's ring. Acks and nacks are written by this loop alone, since the call takes one write at a time.
/// </remarks>
internal sealed class MeshSession(SubscriptionOptions options, ApplyLoop loop, TimeProvider time, string instance, SessionWitness witness)
{
    private readonly FrameAssembler _assembler = new(options.Limits);
    private readonly AckPolicy _acks = new(options, time);
    private readonly Alarm _silence = new(time);
    private TimeSpan _patience = options.ConnectTimeout;
    private bool _takesResync;
    private ulong _session;
    private int _nacks;

    /// <summary>Runs until the session ends; returns why, and before when not to come back.</summary>
    /// <exception cref="RpcException">The call failed.</exception>
    /// <exception cref="MeshProtocolException">The daemon broke the protocol.</exception>
    /// <exception cref="TimeoutException">The daemon went silent.</exception>
    public async Task<(string Reason, TimeSpan NotBefore)> RunAsync(
        AsyncDuplexStreamingCall<ClientFrame, ReceivedFrame> call, CancellationToken cancellationToken)
    {
        _silence.Set(_patience);
        var hello = await loop.AskAsync(Hello, cancellationToken);
        await WriteAsync(call, new ClientFrame { Hello = hello }, cancellationToken);
        var next = call.ResponseStream.MoveNext(cancellationToken);
        while (true)
        {
            await WaitAsync(next, cancellationToken);
            if (next.IsCompleted)
            {
                if (!await next)
                {
                    return ($"{witness.Server.Authority}: the daemon closed the stream", TimeSpan.Zero);
                }

                _silence.Set(_patience);
                if (await TakeAsync(call, call.ResponseStream.Current, cancellationToken) is { } goAway)
                {
                    SubscriptionLog.GoAway(witness.Logger, goAway.Reason);
                    return ($"{witness.Server.Authority}: {goAway.Reason}", goAway.ReconnectAfter);
                }

                next = call.ResponseStream.MoveNext(cancellationToken);
            }
            else if (_silence.IsDue)
            {
                throw new TimeoutException($"nothing came for {_patience.TotalSeconds:0.#} s");
            }

            if (_acks.Remaining == TimeSpan.Zero)
            {
                await WriteAsync(call, new ClientFrame { Ack = _acks.Take() }, cancellationToken);
            }
        }
    }

    private Hello Hello(MeshAgent agent)
    {
        var hello = new Hello
        {
            ProtocolMin = 1,
            ProtocolMax = 1,
            Features = (ulong)(Feature.Resume | Feature.Brotli),
            NodeName = options.NodeName,
            InstanceId = instance,
            HeartbeatMs = (uint)options.Heartbeat.TotalMilliseconds,
            MaxFrameBytes = (uint)options.FrameBytes,
            ReceiveBudgetBytes = (uint)options.ReceiveBudgetBytes,
            ResumeInstance = agent.Replica.Daemon,
        };

        // Those that this version knows: a digest over others could never be checked.
        hello.Resources.AddRange(Enum.GetValues<Core.Keys.ResourceKind>().Select(kind => (ResourceKind)kind));
        hello.Resume.AddRange(agent.Replica.Clusters.Select(cluster => cluster.Token(agent.Replica.Position)).OfType<ResumeToken>());
        return hello;
    }

    /// <summary>Until there is a frame, an ack is due, or the silence is too long.</summary>
    private async Task WaitAsync(Task<bool> next, CancellationToken cancellationToken)
    {
        if (next.IsCompleted)
        {
            return;
        }

        var wait = _silence.Remaining ?? _patience;
        wait = _acks.Remaining is { } ack && ack < wait ? ack : wait;
        using var waited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(next, Task.Delay(wait, time, waited.Token));
        await waited.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<GoAwayReceived?> TakeAsync(
        AsyncDuplexStreamingCall<ClientFrame, ReceivedFrame> call, ReceivedFrame received, CancellationToken cancellationToken)
    {
        var arrived = time.GetTimestamp();
        witness.FrameArrived();
        _acks.Received(received.Bytes);
        var sessionEvent = _assembler.Accept(received.Frame);
        switch (sessionEvent)
        {
            case null:
                return null;
            case GoAwayReceived goAway:
                return goAway;
            case SessionOpened opened:
                (_takesResync, _session) = (opened.TakesResync, opened.Session);
                _acks.Opened(opened.Session, opened.ReceiveBudgetBytes);
                Heed(received.Frame.HelloReply);
                break;
        }

        var outcome = await loop.AskAsync(agent => agent.Apply(sessionEvent), cancellationToken);
        var elapsed = time.GetElapsedTime(arrived);
        _acks.Applied(sessionEvent, outcome.AppliedSeq, elapsed);
        witness.Applied(sessionEvent, outcome.AppliedSeq, elapsed);
        foreach (var cluster in outcome.Diverged)
        {
            witness.Diverged(cluster);
            if (!_takesResync)
            {
                throw new MeshProtocolException($"what is held of cluster {cluster} is not what the digest says; it will be asked for anew");
            }

            await WriteAsync(call, new ClientFrame { Resync = new Resync { Session = _session, Cluster = cluster.Value } }, cancellationToken);
        }

        foreach (var refused in outcome.Refused)
        {
            if (_nacks++ < options.MaxNacks)
            {
                await WriteAsync(call, new ClientFrame { Nack = Nack(refused) }, cancellationToken);
            }
        }

        return null;
    }

    private static Nack Nack(InvalidValue refused) => new()
    {
        Seq = refused.Seq,
        Cluster = refused.Cluster.Value,
        Kind = (ResourceKind)refused.Key.Kind,
        Name = refused.Key.Name,
        Reason = refused.Reason,
    };

    private void Heed(HelloReply reply)
    {
        var heartbeat = reply.HeartbeatMs == 0 ? options.Heartbeat : TimeSpan.FromMilliseconds(reply.HeartbeatMs);
        var patience = heartbeat * options.MissedHeartbeats;
        patience = patience < options.MaxSilence ? patience : options.MaxSilence;
        _patience = patience > options.ConnectTimeout ? patience : options.ConnectTimeout;
        _silence.Set(_patience);
    }

    private Task WriteAsync(
        AsyncDuplexStreamingCall<ClientFrame, ReceivedFrame> call, ClientFrame frame, CancellationToken cancellationToken) =>
        call.RequestStream.WriteAsync(frame, cancellationToken).WaitAsync(_patience, time, cancellationToken);
}
