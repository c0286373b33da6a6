using Etcdserverpb;
using Grpc.Core;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Lists;
using KvStoreMesh.Etcd.Rpc;
using KvStoreMesh.Etcd.Watching;

namespace KvStoreMesh.Etcd.Connections;

/// <summary>One TCP connection to one member of a source's etcd, never replaced: when it is lost, every call fails.</summary>
internal sealed class EtcdSourceConnection(
    EtcdRpc rpc, TlsMaterial? material, ClusterName cluster, UnreadableKeys unreadable, EtcdSourceOptions options, TimeProvider timeProvider)
    : ISourceConnection
{
    private readonly string _configKey = CiliumKeys.ClusterConfig(cluster);
    private readonly PageSizer _pages = new(options.FirstPageKeys, options.MaxPageKeys, options.TargetPageBytes);

    public ulong EtcdClusterId => rpc.Guard.ClusterId;

    public string Endpoint => rpc.Endpoint;

    public async Task<SourceRead> ReadAsync(string key, CancellationToken cancellationToken)
    {
        var phase = key == _configKey ? SourcePhase.ClusterConfig : SourcePhase.List;
        var what = RpcFailure.Describe(SourceRange.Exactly(key));
        try
        {
            var request = new RangeRequest { Key = KeyText.ToBytes(key) };
            var answer = await rpc.RangeAsync(request, phase, what, options.AnswerTimeout, cancellationToken);
            SourceEntry? entry = answer.Kvs.Count == 0 ? null : Entry(answer.Kvs[0], key);
            return new SourceRead(entry, answer.Header.Revision);
        }
        catch (RpcException e)
        {
            throw RpcFailure.Translate(e, phase, what, Endpoint);
        }
    }

    /// <remarks>Keys that are no UTF-8 are missing from the page and counted; a page may therefore be empty and still have a next one.</remarks>
    public async Task<SourcePage> ListAsync(SourceRange range, string? fromKey, long revision, CancellationToken cancellationToken)
    {
        if (fromKey is null)
        {
            _pages.Begin();
        }

        var request = new RangeRequest
        {
            Key = KeyText.ToBytes(fromKey ?? range.Start),
            RangeEnd = KeyText.ToBytes(range.End),
            Revision = revision,
        };
        var answer = await PageAsync(request, RpcFailure.Describe(range), cancellationToken);
        _pages.Received(answer.Kvs.Count, answer.CalculateSize());

        var entries = new List<SourceEntry>(answer.Kvs.Count);
        foreach (var pair in answer.Kvs)
        {
            if (KeyText.TryRead(pair.Key, out var key))
            {
                entries.Add(Entry(pair, key));
            }
        }

        unreadable.Add(answer.Kvs.Count - entries.Count);
        // A page's header has the revision of now; only the first one's is that of the list.
        var listed = revision == 0 ? answer.Header.Revision : revision;
        return new SourcePage(entries, listed, answer.More && answer.Kvs.Count > 0 ? KeyText.After(answer.Kvs[^1].Key) : null);
    }

    public async Task<ISourceWatch> WatchAsync(IReadOnlyList<WatchStart> starts, CancellationToken cancellationToken)
    {
        // A watch checks the token only when it begins, and then lasts for days: it gets a fresh one.
        await rpc.AuthenticateAsync(cancellationToken);
        return await EtcdSourceWatch.OpenAsync(rpc, starts, unreadable, options, timeProvider, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        rpc.Dispose();
        material?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static SourceEntry Entry(Mvccpb.KeyValue pair, string key) =>
        new(key, KeyText.Value(pair.Value), pair.ModRevision, pair.CreateRevision);

    private async Task<RangeResponse> PageAsync(RangeRequest request, string what, CancellationToken cancellationToken)
    {
        while (true)
        {
            request.Limit = _pages.Keys;
            try
            {
                return await rpc.RangeAsync(request, SourcePhase.List, what, options.PageTimeout, cancellationToken);
            }
            catch (RpcException e) when (RpcFailure.IsMessageTooLarge(e))
            {
                if (!_pages.TryHalve())
                {
                    throw new SourceException(
                        SourcePhase.List, $"{what}: one key of {Endpoint} is larger than {options.MaxMessageBytes} bytes: delete it there", e);
                }
            }
            catch (RpcException e)
            {
                throw RpcFailure.Translate(e, SourcePhase.List, what, Endpoint);
            }
        }
    }
}
