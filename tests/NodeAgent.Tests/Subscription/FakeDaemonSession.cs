using Grpc.Core;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.NodeAgent.Tests.Subscription;

/// <summary>The daemon's end of one stream.</summary>
internal sealed class FakeDaemonSession(
    Hello hello, IAsyncStreamReader<ClientFrame> requests, IServerStreamWriter<ServerFrame> responses, CancellationToken gone)
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Hello Hello { get; } = hello;

    public Task Closed => _closed.Task.WaitAsync(gone);

    public int SentBytes { get; private set; }

    public async Task SendAsync(params IEnumerable<ServerFrame> frames)
    {
        foreach (var frame in frames)
        {
            SentBytes += frame.CalculateSize();
            await responses.WriteAsync(frame, gone);
        }
    }

    /// <summary>The next frame of the agent that fits; others are passed over.</summary>
    public async Task<ClientFrame> ReceiveAsync(Func<ClientFrame, bool> fits)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(gone);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (await requests.MoveNext(patience.Token))
        {
            if (fits(requests.Current))
            {
                return requests.Current;
            }
        }

        throw new EndOfStreamException("the agent ended the stream");
    }

    public async Task<Ack> AckedAsync(long seq) => (await ReceiveAsync(frame => frame.Ack?.AppliedSeq >= seq)).Ack;

    public void Close() => _closed.TrySetResult();
}
