using System.Collections.Concurrent;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.Tests.Support;

/// <summary>Connects, but hands the connection out only when told to, whatever the caller has cancelled meanwhile.</summary>
internal sealed class HeldConnector(ISourceConnector inner) : ISourceConnector
{
    private readonly ConcurrentQueue<TaskCompletionSource> _held = new();

    /// <summary>Connecting is held back; false lets it through.</summary>
    public bool Holds { get; set; } = true;

    public int Held => _held.Count;

    public async Task<ISourceConnection> ConnectAsync(SourceDefinition definition, CancellationToken cancellationToken)
    {
        var connection = await inner.ConnectAsync(definition, CancellationToken.None);
        if (Holds)
        {
            var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _held.Enqueue(held);
            await held.Task;
        }

        return connection;
    }

    public void ReleaseOne()
    {
        if (_held.TryDequeue(out var held))
        {
            held.SetResult();
        }
    }
}
