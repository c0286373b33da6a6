using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// The removal of a cluster's mirror, step by step: the config, so that starting agents do not connect; a grace period, so
/// that running ones disconnect; the canaries; the data. (Cilium: pkg/clustermesh/kvstoremesh/remote_cluster.go)
/// </summary>
/// <remarks>
/// A failure repeats the whole sequence after 2, 4, 8, 16 and 32 s without the grace period, as Cilium does. Cilium then
/// gives up and leaves the keys for ever, since it goes on renewing their leases; here it is tried again every minute.
/// Times are those of the owner's clock.
/// </remarks>
public sealed class ClusterDrain
{
    private static readonly TimeSpan[] Retries = [.. new[] { 2, 4, 8, 16, 32 }.Select(seconds => TimeSpan.FromSeconds(seconds))];
    private static readonly TimeSpan SlowRetry = TimeSpan.FromMinutes(1);

    private readonly StoreOperation[] _steps;
    private readonly TimeSpan _grace;
    private int _step;

    /// <summary>Plans the removal, to begin at once.</summary>
    public ClusterDrain(ClusterName cluster, TimeSpan grace, TimeSpan now)
    {
        _grace = grace;
        Due = now;
        _steps =
        [
            StoreOperation.Delete(CiliumKeys.ClusterConfig(cluster)),
            StoreOperation.DeleteRange(SourceRange.Prefix(CiliumKeys.Canaries(cluster))),
            .. SinkKeys.Resources.Select(kind => StoreOperation.DeleteRange(SourceRange.Prefix(SinkKeys.Prefix(cluster, kind)))),
        ];
    }

    /// <summary>When the next step may be taken.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>Attempts that failed.</summary>
    public int Failures { get; private set; }

    /// <summary>The quick attempts are used up: an operator should know.</summary>
    public bool IsStuck => Failures > Retries.Length;

    /// <summary>Everything is deleted.</summary>
    public bool IsDone => _step == _steps.Length;

    /// <summary>The next step.</summary>
    public StoreOperation Next => _steps[_step];

    /// <summary>The step is done.</summary>
    public void Succeeded(TimeSpan now)
    {
        Due = _step == 0 && Failures == 0 ? now + _grace : now;
        _step++;
    }

    /// <summary>The step failed.</summary>
    public void Failed(TimeSpan now)
    {
        Due = now + (Failures < Retries.Length ? Retries[Failures] : SlowRetry);
        Failures++;
        _step = 0;
    }
}
