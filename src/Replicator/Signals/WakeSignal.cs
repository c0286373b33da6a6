using System.Threading.Channels;

namespace KvStoreMesh.Replicator.Signals;

/// <summary>Wakes one waiting loop; any number of signals before it looks count as one. Setting never blocks or throws.</summary>
internal sealed class WakeSignal
{
    private readonly Channel<bool> _pending = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Wakes the loop, now or when it waits next.</summary>
    public void Set() => _pending.Writer.TryWrite(true);

    /// <summary>Waits for a signal and takes it.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _pending.Reader.ReadAsync(cancellationToken);
}
