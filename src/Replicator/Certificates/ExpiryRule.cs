namespace KvStoreMesh.Replicator.Certificates;

/// <summary>
/// Says what is new about certificates: one that was replaced, and each stage on the way to an end once, also for a
/// daemon that starts late. Pure; one thread.
/// </summary>
internal sealed class ExpiryRule
{
    private static readonly (TimeSpan Left, ExpiryStage Stage)[] Stages =
    [
        (TimeSpan.Zero, ExpiryStage.Expired),
        (TimeSpan.FromDays(1), ExpiryStage.Day),
        (TimeSpan.FromDays(7), ExpiryStage.Week),
        (TimeSpan.FromDays(30), ExpiryStage.Month),
    ];

    private Dictionary<(string Cluster, string Kind, string File), (string Thumbprint, ExpiryStage Stage)> _known = [];

    /// <summary>Takes all certificates as they are now, and returns what is new; those not named any more are forgotten.</summary>
    public IReadOnlyList<CertificateNotice> Look(IEnumerable<WatchedCertificate> certificates, DateTimeOffset now)
    {
        var notices = new List<CertificateNotice>();
        var seen = new Dictionary<(string, string, string), (string, ExpiryStage)>();
        foreach (var certificate in certificates)
        {
            var key = (certificate.Cluster, certificate.Kind, certificate.File);
            var stage = StageOf(certificate.NotAfter - now);
            var known = _known.TryGetValue(key, out var before);
            var rotated = known && before.Thumbprint != certificate.Thumbprint;
            if (rotated || stage > (known ? before.Stage : ExpiryStage.Far))
            {
                notices.Add(new(certificate, stage, rotated));
            }

            seen[key] = (certificate.Thumbprint, stage);
        }

        _known = seen;
        return notices;
    }

    private static ExpiryStage StageOf(TimeSpan left)
    {
        foreach (var (limit, stage) in Stages)
        {
            if (left <= limit)
            {
                return stage;
            }
        }

        return ExpiryStage.Far;
    }
}
