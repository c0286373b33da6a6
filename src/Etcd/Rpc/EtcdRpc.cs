using Etcdserverpb;
using Grpc.Core;
using Grpc.Net.Client;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Configuration;
using KvStoreMesh.Etcd.Connections;

namespace KvStoreMesh.Etcd.Rpc;

/// <summary>
/// etcd's calls over one transport: dotnet-etcd's stubs with timeouts, authentication, the cluster-ID guard and failures in
/// words. Any thread.
/// </summary>
/// <remarks>
/// Not dotnet-etcd's own channel: it spreads calls over all endpoints and repeats failed ones, so that neither the member
/// nor the failing step of a call is known.
/// </remarks>
internal sealed class EtcdRpc : IDisposable
{
    /// <summary>etcd ends connections that are probed more often.</summary>
    private static readonly TimeSpan MinKeepAlive = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxKeepAlive = TimeSpan.FromHours(1);

    private readonly EtcdTransport _transport;
    private readonly EtcdClientConfig _config;
    private readonly EtcdSourceOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly GrpcChannel _channel;
    private readonly CallInvoker _invoker;
    private readonly KV.KVClient _kv;
    private readonly Watch.WatchClient _watch;
    private readonly Auth.AuthClient _auth;
    private volatile string? _token;

    public EtcdRpc(EtcdTransport transport, EtcdClientConfig config, EtcdSourceOptions options, TimeProvider timeProvider)
    {
        (_transport, _config, _options, _timeProvider) = (transport, config, options, timeProvider);
        Endpoint = transport.Endpoint.ToString();
        Guard = new ClusterIdGuard(Endpoint);
        _channel = GrpcChannel.ForAddress(Endpoint, new GrpcChannelOptions
        {
            HttpHandler = Handler(transport, config, options),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = options.MaxMessageBytes,
        });
        _invoker = _channel.CreateCallInvoker();
        _kv = new KV.KVClient(_channel);
        _watch = new Watch.WatchClient(_channel);
        _auth = new Auth.AuthClient(_channel);
    }

    public string Endpoint { get; }

    public ClusterIdGuard Guard { get; }

    /// <summary>Gets a token if the configuration has a user. An etcd without authentication needs none, as with the Go client.</summary>
    public async Task AuthenticateAsync(CancellationToken cancellationToken)
    {
        if (_config.Username is null)
        {
            return;
        }

        try
        {
            var request = new AuthenticateRequest { Name = _config.Username, Password = _config.Password };
            var answer = await TimedAsync(
                token => _auth.AuthenticateAsync(request, cancellationToken: token).ResponseAsync,
                SourcePhase.Auth, $"user '{_config.Username}'", _options.AnswerTimeout, cancellationToken);
            Guard.Check(answer.Header);
            _token = answer.Token;
        }
        catch (RpcException e) when (e.Status.Detail.Contains("authentication is not enabled", StringComparison.Ordinal))
        {
            _token = null;
        }
    }

    /// <summary>Reads a range; a token that has expired is renewed once.</summary>
    public async Task<RangeResponse> RangeAsync(
        RangeRequest request, SourcePhase phase, string what, TimeSpan timeout, CancellationToken cancellationToken)
    {
        RangeResponse answer;
        try
        {
            answer = await CallAsync();
        }
        catch (RpcException e) when (_token is not null && RpcFailure.IsTokenExpired(e))
        {
            await AuthenticateAsync(cancellationToken);
            answer = await CallAsync();
        }

        Guard.Check(answer.Header);
        return answer;

        Task<RangeResponse> CallAsync() => TimedAsync(
            token => _kv.RangeAsync(request, Headers(), cancellationToken: token).ResponseAsync, phase, what, timeout, cancellationToken);
    }

    /// <summary>The revision at which the first answer was given.</summary>
    public long FirstRevision { get; set; }

    /// <summary>Makes any call; a token that has expired is renewed once. The caller checks the answer's header.</summary>
    public async Task<T> CallAsync<T>(
        Func<CallInvoker, Metadata?, CancellationToken, Task<T>> call,
        SourcePhase phase,
        string what,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        try
        {
            return await OnceAsync();
        }
        catch (RpcException e) when (_token is not null && RpcFailure.IsTokenExpired(e))
        {
            await AuthenticateAsync(cancellationToken);
            return await OnceAsync();
        }

        Task<T> OnceAsync() => TimedAsync(token => call(_invoker, Headers(), token), phase, what, timeout, cancellationToken);
    }

    /// <summary>Opens a watch stream, which ends when its member has lost the leader.</summary>
    public AsyncDuplexStreamingCall<WatchRequest, WatchResponse> OpenWatch()
    {
        var headers = Headers() ?? [];
        headers.Add("hasleader", "true");
        try
        {
            return _watch.Watch(headers);
        }
        catch (ObjectDisposedException e)
        {
            throw new SourceException(SourcePhase.Watch, $"the connection to {Endpoint} is closed", e);
        }
    }

    /// <summary>Names the step that failed when a new connection gives no first answer.</summary>
    public SourceException ExplainFirstAnswer(RpcException e, string what) =>
        e.Status.DebugException is { } cause
            ? _transport.ExplainFirstAnswer(cause, _config.Path)
            : RpcFailure.Translate(e, SourcePhase.Protocol, what, Endpoint);

    public void Dispose()
    {
        _channel.Dispose();
        _transport.Dispose();
    }

    private static SocketsHttpHandler Handler(EtcdTransport transport, EtcdClientConfig config, EtcdSourceOptions options) => new()
    {
        ConnectCallback = (_, _) => transport.TakeAsync(),
        EnableMultipleHttp2Connections = false,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        // etcd ends connections that are probed without an open call.
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        KeepAlivePingDelay = config.KeepAliveTime is { } delay ? Clamp(delay, MinKeepAlive) : options.KeepAliveTime,
        KeepAlivePingTimeout = config.KeepAliveTimeout is { } timeout ? Clamp(timeout, TimeSpan.FromSeconds(1)) : options.KeepAliveTimeout,
        ActivityHeadersPropagator = null,
        UseCookies = false,
        UseProxy = false,
    };

    private static TimeSpan Clamp(TimeSpan value, TimeSpan min) => value < min ? min : value > MaxKeepAlive ? MaxKeepAlive : value;

    private Metadata? Headers() => _token is { } token ? new Metadata { { "token", token } } : null;

    private async Task<T> TimedAsync<T>(
        Func<CancellationToken, Task<T>> call, SourcePhase phase, string what, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var limit = new CancellationTokenSource(timeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await call(either.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } && either.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new SourceException(phase, $"{what}: {Endpoint} did not answer within {timeout.TotalSeconds:0.#} s", e);
        }
        catch (ObjectDisposedException e)
        {
            throw new SourceException(phase, $"{what}: the connection to {Endpoint} is closed", e);
        }
    }
}
