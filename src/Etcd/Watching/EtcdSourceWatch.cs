using Etcdserverpb;
using Grpc.Core;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Rpc;

namespace KvStoreMesh.Etcd.Watching;

/// <summary>One watch stream at one etcd member, with one watch a range.</summary>
/// <remarks>
/// The stream is read only while a caller waits, at most one response ahead of a caller that gave up waiting, so a slow
/// caller fills HTTP/2's window, and then etcd keeps the events for it on its disk.
/// </remarks>
internal sealed class EtcdSourceWatch : ISourceWatch
{
    private readonly EtcdRpc _rpc;
    private readonly AsyncDuplexStreamingCall<WatchRequest, WatchResponse> _call;
    private readonly WatchMerge _merge;
    private readonly EtcdSourceOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly Queue<(WatchResponse Response, long ReadTimestamp)> _early = [];
    private Task<bool>? _reading;
    private string _what = "the watch";

    private EtcdSourceWatch(EtcdRpc rpc, WatchMerge merge, EtcdSourceOptions options, TimeProvider timeProvider) =>
        (_rpc, _call, _merge, _options, _timeProvider) = (rpc, rpc.OpenWatch(), merge, options, timeProvider);

    /// <summary>Opens the stream and has every range accepted, one after the other: a refusal then is the last one's asked for.</summary>
    public static async Task<ISourceWatch> OpenAsync(
        EtcdRpc rpc,
        IReadOnlyList<WatchStart> starts,
        UnreadableKeys unreadable,
        EtcdSourceOptions options,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(starts.Count);
        var last = starts.Max(start => start.Revision);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(starts.Min(start => start.Revision));
        cancellationToken.ThrowIfCancellationRequested();
        var watch = new EtcdSourceWatch(rpc, new WatchMerge(rpc.Endpoint, rpc.Guard, unreadable, last), options, timeProvider);
        using var limit = new CancellationTokenSource(options.AnswerTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            foreach (var start in starts)
            {
                await watch.CreateAsync(start, either.Token);
            }

            watch._what = starts.Count == 1 ? $"the watch of {RpcFailure.Describe(starts[0].Range)}" : $"the watch of {starts.Count} ranges";
            return watch;
        }
        catch (Exception e)
        {
            await watch.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw e is OperationCanceledException
                ? new SourceException(
                    SourcePhase.Watch, $"{watch._what}: {rpc.Endpoint} did not accept it within {options.AnswerTimeout.TotalSeconds:0.#} s", e)
                : e;
        }
    }

    public async Task<SourceBatch> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_early.TryDequeue(out var next))
            {
                next = await NextAsync(cancellationToken);
            }

            if (_merge.Accept(next.Response, next.ReadTimestamp) is { } batch)
            {
                return batch;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _call.Dispose();
        if (_reading is { } reading)
        {
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CreateAsync(WatchStart start, CancellationToken cancellationToken)
    {
        _what = $"the watch of {RpcFailure.Describe(start.Range)}";
        var create = new WatchCreateRequest
        {
            Key = KeyText.ToBytes(start.Range.Start),
            RangeEnd = KeyText.ToBytes(start.Range.End),
            StartRevision = start.Revision,
            ProgressNotify = true,
        };
        await GuardedAsync(async () =>
        {
            await _call.RequestStream.WriteAsync(new WatchRequest { CreateRequest = create }, cancellationToken);
            return true;
        });

        // Ranges accepted before may deliver already. What they deliver in the meantime is kept, as much as one answer may hold.
        var kept = 0L;
        while (true)
        {
            var next = await NextAsync(cancellationToken);
            if (next.Response.Created)
            {
                _merge.Created(start, next.Response);
                return;
            }

            _early.Enqueue(next);
            kept += next.Response.CalculateSize();
            if (kept > _options.MaxMessageBytes)
            {
                throw new SourceException(
                    SourcePhase.Watch, $"{_what}: {_rpc.Endpoint} sends more than {_options.MaxMessageBytes} bytes without accepting it");
            }
        }
    }

    /// <summary>
    /// The next response. Cancelling ends only the wait: gRPC would end the whole stream, so the reading itself is never
    /// cancelled and the next call takes it over.
    /// </summary>
    private async Task<(WatchResponse Response, long ReadTimestamp)> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var isOpen = await GuardedAsync(async () =>
        {
            _reading ??= _call.ResponseStream.MoveNext(CancellationToken.None);
            var result = await _reading.WaitAsync(cancellationToken);
            _reading = null;
            return result;
        });
        var timestamp = _timeProvider.GetTimestamp();
        return isOpen
            ? (_call.ResponseStream.Current, timestamp)
            : throw new SourceException(SourcePhase.Watch, $"{_what}: {_rpc.Endpoint} ended the stream");
    }

    private async Task<bool> GuardedAsync(Func<Task<bool>> call)
    {
        try
        {
            return await call();
        }
        catch (RpcException e) when (RpcFailure.IsMessageTooLarge(e))
        {
            throw new SourceException(
                SourcePhase.Watch, $"{_what}: {_rpc.Endpoint} has a backlog of more than {_options.MaxMessageBytes} bytes: list anew", e);
        }
        catch (RpcException e)
        {
            throw RpcFailure.Translate(e, SourcePhase.Watch, _what, _rpc.Endpoint);
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
        {
            throw new SourceException(SourcePhase.Watch, $"{_what}: the stream to {_rpc.Endpoint} is closed", e);
        }
    }
}
