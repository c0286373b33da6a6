using Grpc.Core;
using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Status;
using KvStoreMesh.NodeAgent.Timing;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>
/// Keeps a session with one of the daemons: connects, hands what comes to the apply loop, comes back after each end.
/// </summary>
/// <remarks>
/// The end of a session changes nothing of what is held. The servers are tried in turn, with growing waits of full jitter;
/// a session that came as far as a heartbeat, which follows the snapshots, starts the waits anew.
/// </remarks>
public sealed class MeshSubscription
{
    private readonly SubscriptionOptions _options;
    private readonly ApplyLoop _loop;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Backoff _backoff;
    private readonly SubscriptionState _state;
    private readonly string _instance;

    /// <summary>Creates the subscription; nothing happens before <see cref="RunAsync"/>.</summary>
    public MeshSubscription(
        SubscriptionOptions options, ApplyLoop loop, TimeProvider time, Random random, ILogger<MeshSubscription> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        (_options, _loop, _time, _logger) = (options, loop, time, logger);
        _backoff = new Backoff(TimeSpan.Zero, options.FirstBackoff, options.MaxBackoff, random);
        _state = new SubscriptionState(time, options.Servers[0].Authority);
        _instance = $"{random.NextInt64():x16}";
    }

    /// <summary>How the subscription stands. Any thread.</summary>
    public SubscriptionStatus Status => _state.Current;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; !cancellationToken.IsCancellationRequested; attempt++)
        {
            var server = _options.Servers[attempt % _options.Servers.Count];
            _state.Connecting(server);
            var (reason, notBefore) = await TryAsync(server, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            var wait = _backoff.Next();
            notBefore = notBefore < _options.MaxReconnectAfter ? notBefore : _options.MaxReconnectAfter;
            wait = wait > notBefore ? wait : notBefore;
            _state.Ended(reason);
            SubscriptionLog.Ended(_logger, reason, wait.TotalSeconds);
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<(string Reason, TimeSpan NotBefore)> TryAsync(Uri server, CancellationToken cancellationToken)
    {
        using var session = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            using var channel = MeshChannel.Open(server, _options);
            using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(
                MeshMethods.Subscribe, null, new CallOptions(cancellationToken: session.Token));
            return await new MeshSession(_options, _loop, _time, _instance, new(_state, _backoff, _logger, server))
                .RunAsync(call, session.Token);
        }
        catch (Exception failure) when (failure is RpcException or MeshProtocolException or IOException or TimeoutException
            or Google.Protobuf.InvalidProtocolBufferException or OperationCanceledException)
        {
            return (SessionFailure.Describe(server, failure), TimeSpan.Zero);
        }
        finally
        {
            await session.CancelAsync();
        }
    }
}
