using System.Collections.Immutable;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Logging;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>
/// How well a source has been reached, and what that means for the next attempt: back-off, budget of relists, loudness. Pure; owned by
/// one actor at a time.
/// </summary>
internal sealed class SourceHealth(RemoteClusterOptions options, Random random)
{
    private readonly ReconnectBackoff _reconnect = new(options.BackoffMin, options.BackoffMax, options.BackoffResetAfter, random);
    private readonly FailureLogRule _logRule = new(options.FailureLogInterval);
    private readonly ReconnectBackoff _quota = new(options.QuotaRecheckMin, options.QuotaRecheckMax, options.BackoffResetAfter, random);
    private ReconnectBackoff _recheck = NewRecheck(options, random);
    private int _compactions;

    /// <summary>Connections lost or attempts failed since the start.</summary>
    public int Failures { get; private set; }

    /// <summary>The same by the step that failed.</summary>
    public ImmutableDictionary<SourcePhase, int> FailuresByPhase { get; private set; } = ImmutableDictionary<SourcePhase, int>.Empty;

    /// <summary>When the last one was; null if never.</summary>
    public DateTimeOffset? LastFailure { get; private set; }

    /// <summary>What failed; null once the source is live again.</summary>
    public SourceFailure? LastError { get; private set; }

    /// <summary>When the source last proved that the replica is up to date; null if never.</summary>
    public DateTimeOffset? LastProof { get; private set; }

    /// <summary>When everything was last compared with the source; null if never.</summary>
    public DateTimeOffset? LastAudit { get; private set; }

    /// <summary>Keys that comparisons found to differ since the start, by resource.</summary>
    public IReadOnlyDictionary<ResourceKind, long> Drift { get; private set; } = new Dictionary<ResourceKind, long>();

    /// <summary>A comparison has ended.</summary>
    public void Audited(IReadOnlyList<MeshKey> drift, DateTimeOffset now)
    {
        LastAudit = now;
        if (drift.Count > 0)
        {
            Drift = Drift.Keys.Union(drift.Select(key => key.Kind)).ToDictionary(
                kind => kind, kind => Drift.GetValueOrDefault(kind) + drift.Count(key => key.Kind == kind));
        }
    }

    /// <summary>The attempt failed: the delay before the next one, and how loudly to say so.</summary>
    public (TimeSpan Delay, LogLevel Level) Failed(SourceFailure failure, DateTimeOffset now) => Failed(failure, _reconnect, now);

    /// <summary>The source has more than its quota: the delay before it is listed again, and how loudly to say so.</summary>
    public (TimeSpan Delay, LogLevel Level) Refused(string excess, DateTimeOffset now) =>
        Failed(new(SourcePhase.Quota, excess), _quota, now);

    /// <summary>True: the revision was compacted, and a list at a fresh one is worth an immediate try.</summary>
    public bool MayRelist(SourceFailure failure) => failure.IsCompacted && ++_compactions <= options.CompactionRetries;

    /// <summary>The config is missing or invalid: the delay before it is read again, and how loudly to say so.</summary>
    public (TimeSpan Delay, LogLevel Level) ConfigMissing(string problem, DateTimeOffset now) =>
        (_recheck.Failed(now), _logRule.LevelOf(problem, now));

    /// <summary>The config has been read.</summary>
    public void ConfigFound() => _recheck = NewRecheck(options, random);

    /// <summary>Everything is listed and the watch is open.</summary>
    public void Live(DateTimeOffset now)
    {
        LastError = null;
        _reconnect.Succeeded(now);
        _quota.Succeeded(now);
    }

    /// <summary>A list was completed: the replica is what the source was then.</summary>
    public void Listed(DateTimeOffset now) => LastProof = now;

    /// <summary>The watch delivered: the replica is up to date, and the watch is not one that dies of compaction at once.</summary>
    public void Proved(DateTimeOffset now) => (LastProof, _compactions) = (now, 0);

    private (TimeSpan Delay, LogLevel Level) Failed(SourceFailure failure, ReconnectBackoff backoff, DateTimeOffset now)
    {
        (Failures, LastFailure, LastError, _compactions) = (Failures + 1, now, failure, 0);
        FailuresByPhase = FailuresByPhase.SetItem(failure.Phase, FailuresByPhase.GetValueOrDefault(failure.Phase) + 1);
        var delay = backoff.Failed(now);
        if (backoff.IsFirstOfSeries)
        {
            _logRule.Reset();
        }

        return (delay, _logRule.LevelOf(failure.Message, now));
    }

    private static ReconnectBackoff NewRecheck(RemoteClusterOptions options, Random random) =>
        new(options.ConfigRecheckMin, options.ConfigRecheckMax, TimeSpan.Zero, random);
}
