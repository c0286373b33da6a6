namespace KvStoreMesh.Core.Sources;

/// <summary>What may be held of one cluster, its config apart. 0 = no limit.</summary>
/// <param name="MaxKeys">Keys.</param>
/// <param name="MaxBytes">Bytes of names and values.</param>
public readonly record struct SourceQuota(long MaxKeys, long MaxBytes)
{
    /// <summary>
    /// Why a state must not be taken over, in words; null if it may be. More than the quota that is held already, as after
    /// a restart with a lower one, may stay and shrink, and not grow.
    /// </summary>
    /// <param name="held">Keys and bytes that are held.</param>
    /// <param name="next">What would be held then, or at least.</param>
    public string? FindExcess((long Keys, long Bytes) held, (long Keys, long Bytes) next)
    {
        var limit = IsExceeded(MaxKeys, held.Keys, next.Keys) ? $"{MaxKeys} keys"
            : IsExceeded(MaxBytes, held.Bytes, next.Bytes) ? $"{MaxBytes} bytes"
            : null;
        return limit is null
            ? null
            : $"its source has more than the {limit} of the quota of a cluster; the {held.Keys} keys ({held.Bytes} bytes) that are held stay as they are: "
                + "reduce what the source exports, or raise the quota";
    }

    private static bool IsExceeded(long max, long held, long next) => max > 0 && next > max && next > held;
}
