namespace KvStoreMesh.NodeAgent.Timing;

/// <summary>A moment to do something, on the monotonic clock.</summary>
internal sealed class Alarm(TimeProvider time)
{
    private long _setAt;
    private TimeSpan? _after;

    /// <summary>Time left; null if not set, zero if due.</summary>
    public TimeSpan? Remaining =>
        _after is { } after ? TimeSpan.FromTicks(Math.Max(0, (after - time.GetElapsedTime(_setAt)).Ticks)) : null;

    /// <summary>The moment has come.</summary>
    public bool IsDue => Remaining == TimeSpan.Zero;

    /// <summary>Set.</summary>
    public bool IsSet => _after is not null;

    /// <summary>Sets the moment, in place of an earlier one.</summary>
    public void Set(TimeSpan after) => (_setAt, _after) = (time.GetTimestamp(), after);

    /// <summary>Forgets the moment.</summary>
    public void Clear() => _after = null;
}
