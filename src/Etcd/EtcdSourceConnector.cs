using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Configuration;
using KvStoreMesh.Etcd.Connections;
using KvStoreMesh.Etcd.Rpc;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Etcd;

/// <summary>
/// Connects to the etcd of a source: its endpoints in random order, each by itself, until one of them answers. Any thread.
/// </summary>
/// <param name="options">Limits and times.</param>
/// <param name="timeProvider">The clock of every timeout and timestamp; keep-alive runs on the system's.</param>
/// <param name="random">Orders endpoints and the addresses of host aliases; used under a lock.</param>
/// <param name="logger">Hears of what is dropped.</param>
public sealed class EtcdSourceConnector(
    EtcdSourceOptions options, TimeProvider timeProvider, Random random, ILogger<EtcdSourceConnector> logger) : ISourceConnector
{
    private readonly Lock _randomLock = new();

    /// <inheritdoc />
    public Task<ISourceConnection> ConnectAsync(SourceDefinition definition, CancellationToken cancellationToken) =>
        ConnectAsync<ISourceConnection>(
            definition.ConfigPath,
            definition.ConfigText,
            (rpc, material) => new EtcdSourceConnection(
                rpc, material, definition.Cluster, new UnreadableKeys(rpc.Endpoint, logger), options, timeProvider),
            cancellationToken);

    /// <summary>Connects to any etcd; what is made owns the connection.</summary>
    internal async Task<T> ConnectAsync<T>(
        string configPath, string configText, Func<EtcdRpc, TlsMaterial?, T> make, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var config = EtcdClientConfig.Parse(configPath, configText);
        var endpoints = config.Endpoints.ToArray();
        Shuffle(endpoints);
        var failures = new List<SourceException>();
        foreach (var endpoint in endpoints)
        {
            try
            {
                return await ConnectAsync(config, endpoint, make, cancellationToken);
            }
            catch (SourceException e) when (e.Phase != SourcePhase.Configuration)
            {
                failures.Add(e);
            }
        }

        throw failures.Count == 1 ? failures[0] : NoneAnswered(failures);
    }

    // The attempt that came furthest says most about what is wrong.
    private static SourceException NoneAnswered(List<SourceException> failures)
    {
        var furthest = failures.MaxBy(e => e.Phase)!;
        return new SourceException(
            furthest.Phase, $"none of {failures.Count} endpoints answers: {string.Join("; ", failures.Select(e => e.Message))}", furthest);
    }

    private async Task<T> ConnectAsync<T>(
        EtcdClientConfig config, EtcdEndpoint endpoint, Func<EtcdRpc, TlsMaterial?, T> make, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.AnswerTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var material = config.IsTls ? TlsMaterial.Load(config) : null;
        var dialer = new EtcdDialer(config, endpoint, material, Shuffle, timeProvider);
        EtcdRpc? rpc = null;
        try
        {
            rpc = new EtcdRpc(await dialer.DialAsync(options.AnswerTimeout, either.Token), config, options, timeProvider);
            await FirstAnswerAsync(rpc, either.Token);
            return make(rpc, material);
        }
        catch (Exception e)
        {
            rpc?.Dispose();
            material?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested && e is not SourceException { Phase: not SourcePhase.Protocol })
            {
                throw dialer.TimedOut(options.AnswerTimeout);
            }

            throw;
        }
    }

    /// <summary>
    /// Reads the heartbeat linearizably, which proves an etcd with a quorum. It is the one key that every role of Cilium may
    /// read; whether it exists does not matter.
    /// </summary>
    private static async Task FirstAnswerAsync(EtcdRpc rpc, CancellationToken cancellationToken)
    {
        var what = RpcFailure.Describe(SourceRange.Exactly(CiliumKeys.Heartbeat));
        try
        {
            await rpc.AuthenticateAsync(cancellationToken);
            var request = new RangeRequest { Key = ByteString.CopyFromUtf8(CiliumKeys.Heartbeat) };
            // No limit of its own: the dial and this answer share the caller's, and two equal limits would race to tell the story.
            var answer = await rpc.RangeAsync(request, SourcePhase.Protocol, what, Timeout.InfiniteTimeSpan, cancellationToken);
            rpc.FirstRevision = answer.Header.Revision;
        }
        catch (RpcException e)
        {
            throw rpc.ExplainFirstAnswer(e, what);
        }
    }

    private void Shuffle<T>(T[] items)
    {
        lock (_randomLock)
        {
            random.Shuffle(items);
        }
    }
}
