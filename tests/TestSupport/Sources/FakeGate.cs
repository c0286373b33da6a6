namespace KvStoreMesh.TestSupport.Sources;

/// <summary>A switch that makes calls hang: while it is closed they wait, as at a peer that does not answer.</summary>
public sealed class FakeGate
{
    private volatile TaskCompletionSource? _closed;

    public void Close() => _closed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => Interlocked.Exchange(ref _closed, null)?.TrySetResult();

    internal Task PassAsync(CancellationToken cancellationToken) => _closed?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
}
