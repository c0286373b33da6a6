using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Etcd.Rpc;

/// <summary>Counts the keys of one connection that are no UTF-8 and were dropped; says so once. Any thread.</summary>
internal sealed partial class UnreadableKeys(string endpoint, ILogger logger)
{
    private long _count;

    /// <summary>How many were dropped, events and list entries alike.</summary>
    public long Count => Volatile.Read(ref _count);

    public void Add(int dropped)
    {
        if (dropped > 0 && Interlocked.Add(ref _count, dropped) == dropped)
        {
            LogDropped(logger, endpoint, dropped);
        }
    }

    [LoggerMessage(
        EventId = 301, Level = LogLevel.Warning,
        Message = "{Endpoint}: {Count} keys are not UTF-8 text and are not mirrored; further ones of this connection are dropped silently")]
    private static partial void LogDropped(ILogger logger, string endpoint, int count);
}
