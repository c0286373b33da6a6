using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Connections;
using KvStoreMesh.Etcd.Rpc;

namespace KvStoreMesh.Etcd.Writing;

/// <summary>The local etcd over one TCP connection to one member.</summary>
internal sealed class EtcdLocalStore(EtcdRpc rpc, TlsMaterial? material, EtcdSourceOptions options) : ILocalStore
{
    private const int LeasesAtOnce = 64;

    public string Endpoint => rpc.Endpoint;

    public ulong EtcdClusterId => rpc.Guard.ClusterId;

    public long OpenedAtRevision => rpc.FirstRevision;

    public async Task<long> TransactAsync(IReadOnlyList<StoreOperation> operations, StoreFence? fence, CancellationToken cancellationToken)
    {
        var request = new TxnRequest();
        if (fence is not null)
        {
            request.Compare.Add(new Compare
            {
                Key = ByteString.CopyFromUtf8(fence.Key),
                Target = Compare.Types.CompareTarget.Create,
                Result = Compare.Types.CompareResult.Equal,
                CreateRevision = fence.CreateRevision,
            });
        }

        foreach (var operation in operations)
        {
            request.Success.Add(Request(operation));
        }

        var answer = await CallAsync(
            (invoker, headers, token) => new KV.KVClient(invoker).TxnAsync(request, headers, cancellationToken: token).ResponseAsync,
            operations.Count == 1 ? $"writing '{operations[0].Key}'" : $"writing {operations.Count} keys",
            cancellationToken);
        var revision = Revision(answer.Header);
        return answer.Succeeded
            ? revision
            : throw new StoreException(
                StoreFailure.Fenced, $"the lead at {Endpoint} is lost ('{fence?.Key}' is gone): another daemon may write, this one stands by");
    }

    public async Task<StorePage> ListAsync(SourceRange range, string? fromKey, int limit, CancellationToken cancellationToken)
    {
        var request = new RangeRequest { Key = KeyText.ToBytes(fromKey ?? range.Start), RangeEnd = KeyText.ToBytes(range.End), Limit = limit };
        var answer = await PageAsync(request, cancellationToken);
        var entries = new List<StoreEntry>(answer.Kvs.Count);
        foreach (var pair in answer.Kvs)
        {
            // Keys that are no text are not ours: the sink writes none.
            if (KeyText.TryRead(pair.Key, out var key))
            {
                entries.Add(new StoreEntry(key, KeyText.Value(pair.Value), pair.Lease, pair.CreateRevision));
            }
        }

        return new StorePage(
            entries, Revision(answer.Header), answer.More && answer.Kvs.Count > 0 ? KeyText.After(answer.Kvs[^1].Key) : null);
    }

    public async Task<long> GrantAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var request = new LeaseGrantRequest { TTL = (long)Math.Ceiling(timeToLive.TotalSeconds) };
        var answer = await CallAsync(
            (invoker, headers, token) => new Lease.LeaseClient(invoker).LeaseGrantAsync(request, headers, cancellationToken: token).ResponseAsync,
            "granting a lease",
            cancellationToken);
        rpc.Guard.Check(answer.Header);
        return answer.ID;
    }

    /// <remarks>
    /// An etcd before 3.4.38, 3.5.23 or 3.6.5 may renew a lease that does not exist any more, so each is also asked for.
    /// </remarks>
    public async Task<IReadOnlyList<long>> RenewAsync(IReadOnlyList<long> leases, CancellationToken cancellationToken)
    {
        var lost = new List<long>();
        foreach (var chunk in leases.Chunk(LeasesAtOnce))
        {
            var ended = await CallAsync((invoker, headers, token) => KeepAliveAsync(invoker, headers, chunk, token), "renewing leases", cancellationToken);
            var times = await Task.WhenAll(chunk.Except(ended).Select(lease => TimeToLiveAsync(lease, cancellationToken)));
            lost.AddRange(ended);
            lost.AddRange(times.Where(time => time.Seconds <= 0).Select(time => time.Lease));
        }

        return lost;
    }

    public async Task RevokeAsync(long lease, CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync(
                (invoker, headers, token) =>
                    new Lease.LeaseClient(invoker).LeaseRevokeAsync(new LeaseRevokeRequest { ID = lease }, headers, cancellationToken: token).ResponseAsync,
                "revoking a lease",
                cancellationToken);
        }
        catch (StoreException e) when (e.Failure == StoreFailure.LeaseNotFound)
        {
            // It is gone, as wanted.
        }
    }

    public ValueTask DisposeAsync()
    {
        rpc.Dispose();
        material?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static RequestOp Request(StoreOperation operation)
    {
        var key = ByteString.CopyFromUtf8(operation.Key);
        return operation.Value is { } value
            // Values are never changed after creation, so they are not copied.
            ? new RequestOp { RequestPut = new PutRequest { Key = key, Value = UnsafeByteOperations.UnsafeWrap(value), Lease = operation.Lease } }
            : new RequestOp
            {
                RequestDeleteRange = new DeleteRangeRequest { Key = key, RangeEnd = ByteString.CopyFromUtf8(operation.RangeEnd) },
            };
    }

    // Returns those that have ended: etcd answers with a time to live of zero.
    private static async Task<IReadOnlyList<long>> KeepAliveAsync(
        CallInvoker invoker, Metadata? headers, IReadOnlyList<long> leases, CancellationToken cancellationToken)
    {
        var ended = new List<long>();
        using var call = new Lease.LeaseClient(invoker).LeaseKeepAlive(headers, cancellationToken: cancellationToken);
        foreach (var lease in leases)
        {
            await call.RequestStream.WriteAsync(new LeaseKeepAliveRequest { ID = lease }, cancellationToken);
            if (!await call.ResponseStream.MoveNext(cancellationToken))
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the stream of renewals has ended"));
            }

            if (call.ResponseStream.Current.TTL <= 0)
            {
                ended.Add(lease);
            }
        }

        await call.RequestStream.CompleteAsync();
        return ended;
    }

    private async Task<RangeResponse> PageAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await CallAsync(
                    (invoker, headers, token) => new KV.KVClient(invoker).RangeAsync(request, headers, cancellationToken: token).ResponseAsync,
                    $"listing '{request.Key.ToStringUtf8()}'",
                    cancellationToken);
            }
            catch (StoreException e) when (e.Failure == StoreFailure.Refused && request.Limit > 1)
            {
                // The page is larger than what is accepted as one message.
                request.Limit /= 2;
            }
        }
    }

    private async Task<(long Lease, long Seconds)> TimeToLiveAsync(long lease, CancellationToken cancellationToken)
    {
        var answer = await CallAsync(
            (invoker, headers, token) =>
                new Lease.LeaseClient(invoker).LeaseTimeToLiveAsync(new LeaseTimeToLiveRequest { ID = lease }, headers, cancellationToken: token).ResponseAsync,
            "asking for a lease",
            cancellationToken);
        return (lease, answer.TTL);
    }

    private long Revision(ResponseHeader header)
    {
        try
        {
            rpc.Guard.Check(header);
            return header.Revision;
        }
        catch (SourceException e)
        {
            throw StoreFailures.Translate(e, "reading an answer", Endpoint);
        }
    }

    private async Task<T> CallAsync<T>(
        Func<CallInvoker, Metadata?, CancellationToken, Task<T>> call, string what, CancellationToken cancellationToken)
    {
        try
        {
            return await rpc.CallAsync(call, SourcePhase.Protocol, what, options.AnswerTimeout, cancellationToken);
        }
        catch (Exception e) when (e is RpcException or SourceException or ObjectDisposedException or InvalidOperationException or HttpRequestException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw StoreFailures.Translate(e, what, Endpoint);
        }
    }
}
