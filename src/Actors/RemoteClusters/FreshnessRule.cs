using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>
/// When a silent watch is stale. A live exporter touches <c>cilium/.heartbeat</c> every minute, so a watch that
/// delivers nothing for two minutes hangs, or the exporter is dead; in both cases Cilium reconnects.
/// </summary>
/// <remarks>
/// Any batch is a proof, not only a heartbeat: what arrives by the watch shows that the watch works. Silence counts
/// from the last time the watch was asked, so a slow reader does not take its own slowness for the source's. A source without
/// the heartbeat key is tolerated for as long as any other.
/// </remarks>
/// <param name="timeout">The longest silence.</param>
internal sealed class FreshnessRule(TimeSpan timeout)
{
    private DateTimeOffset? _waitingSince;

    /// <summary>When the source last wrote its heartbeat, on this connection; null if not yet.</summary>
    public DateTimeOffset? LastHeartbeat { get; private set; }

    /// <summary>A new connection: what an old one delivered proves nothing about it.</summary>
    public void Reset() => (_waitingSince, LastHeartbeat) = (null, null);

    /// <summary>The watch is being asked.</summary>
    public void Waiting(DateTimeOffset now) => _waitingSince = now;

    /// <summary>The watch answered.</summary>
    public void Answered(DateTimeOffset now, bool heartbeat)
    {
        _waitingSince = null;
        LastHeartbeat = heartbeat ? now : LastHeartbeat;
    }

    /// <summary>The watch has been silent for too long.</summary>
    public bool IsStale(DateTimeOffset now) => now - _waitingSince > timeout;

    /// <summary>The silence in words, for the operator.</summary>
    public string Describe(DateTimeOffset now)
    {
        var seen = LastHeartbeat is { } last
            ? $"was last written {(now - last).TotalSeconds:f0} s ago"
            : "was not written since the connection was made";
        return $"the watch has been silent for {(now - _waitingSince)?.TotalSeconds:f0} s and '{CiliumKeys.Heartbeat}' {seen}; "
            + "check that the exporter of that cluster (clustermesh-apiserver) is running";
    }
}
