using System.Threading.Channels;

namespace KvStoreMesh.NodeAgent.Agent;

/// <summary>
/// The one place where the agent's state is touched: work of others runs here one after the other, between the ticks
/// of the agent's own timers.
/// </summary>
/// <remarks>
/// Whoever asks waits for the answer, and the queue is short: a subscription cannot read faster than the kernel is written,
/// so nothing piles up between the stream and the maps. A full queue makes the next one wait.
/// </remarks>
public sealed class ApplyLoop
{
    private const int QueueLength = 16;

    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly Channel<Action> _work = Channel.CreateBounded<Action>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly MeshAgent _agent;
    private readonly TimeProvider _time;

    /// <summary>Creates the loop; nothing runs before <see cref="RunAsync"/>.</summary>
    public ApplyLoop(MeshAgent agent, TimeProvider time) => (_agent, _time) = (agent, time);

    /// <summary>Runs something on the loop and returns its answer. Any thread.</summary>
    public async Task<T> AskAsync<T>(Func<MeshAgent, T> question, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _work.Writer.WriteAsync(() => Answer(question, answer), cancellationToken);
        return await answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Runs until cancelled. An exception is a bug, or a datapath that is gone, and ends the agent.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var readable = _work.Reader.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            var untilTick = _agent.NextTick;
            using var ticked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var tick = Task.Delay(untilTick < LongestWait ? untilTick : LongestWait, _time, ticked.Token);
            await Task.WhenAny(readable, tick);
            await ticked.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            if (readable.IsCompleted)
            {
                await readable;
                while (_work.Reader.TryRead(out var work))
                {
                    work();
                }

                readable = _work.Reader.WaitToReadAsync(cancellationToken).AsTask();
            }

            _agent.Tick();
        }
    }

    private void Answer<T>(Func<MeshAgent, T> question, TaskCompletionSource<T> answer)
    {
        try
        {
            answer.SetResult(question(_agent));
        }
        catch (Exception failure)
        {
            // The asker learns of it too: it must not wait for ever while the agent ends.
            answer.SetException(failure);
            throw;
        }
    }
}
