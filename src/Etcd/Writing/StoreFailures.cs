using Grpc.Core;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Rpc;

namespace KvStoreMesh.Etcd.Writing;

/// <summary>What a failed call to the local etcd means for the sink. The texts are etcd's own (api/v3rpc/rpctypes/error.go).</summary>
internal static class StoreFailures
{
    public static StoreException Translate(Exception e, string what, string endpoint) => e switch
    {
        SourceException source => new(StoreFailure.Unavailable, source.Message, e),
        RpcException rpc => Translate(rpc, what, endpoint),
        _ => new(StoreFailure.Unavailable, $"{what}: the call to {endpoint} failed: {e.Message}", e),
    };

    private static StoreException Translate(RpcException e, string what, string endpoint)
    {
        var detail = e.Status.Detail;
        if (Says("requested lease not found"))
        {
            return new(StoreFailure.LeaseNotFound, $"{what}: a lease has ended at {endpoint}; its keys are written again", e);
        }

        if (Says("too many operations in txn request"))
        {
            return new(StoreFailure.TooManyOperations, $"{what}: {endpoint} allows fewer operations in a transaction (--max-txn-ops)", e);
        }

        if (Says("request is too large") || RpcFailure.IsMessageTooLarge(e))
        {
            return new(StoreFailure.Refused, $"{what}: too large for {endpoint} (--max-request-bytes)", e);
        }

        if (Says("database space exceeded"))
        {
            return new(
                StoreFailure.Unavailable,
                $"{what}: the database of {endpoint} is full: compact and defragment it, then 'etcdctl alarm disarm', or raise --quota-backend-bytes",
                e);
        }

        if (e.StatusCode == StatusCode.PermissionDenied)
        {
            return new(
                StoreFailure.Unavailable,
                $"{endpoint} does not permit {what}: grant the sink's user readwrite on cilium/cache/, cilium/cluster-config/, cilium/synced/, cilium/kvstoremesh-lock/ and cilium/.heartbeat, or use another",
                e);
        }

        return e.StatusCode == StatusCode.InvalidArgument && Says("etcdserver: ") && !RpcFailure.IsTokenExpired(e)
            ? new(StoreFailure.Refused, $"{what}: {endpoint} refuses it: {detail}", e)
            : new(StoreFailure.Unavailable, RpcFailure.Translate(e, SourcePhase.Protocol, what, endpoint).Message, e);

        bool Says(string text) => detail.Contains(text, StringComparison.Ordinal);
    }
}
