using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>What there is to say of a certificate. Pure.</summary>
internal static class CertificateFindings
{
    /// <summary>From so long before its end on, a certificate is warned of.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    /// <summary>Whether it is valid now, and for how long still.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="what">What it is: the server's certificate, the client certificate FILE.</param>
    /// <param name="now">The time.</param>
    public static Finding Validity(X509Certificate2 certificate, string what, DateTimeOffset now)
    {
        var (from, until) = (new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter));
        return now > until
            ? Finding.Error("tls", $"{what} expired on {Date(until)}", "renew it; new connections use a changed file at once")
            : now < from
                ? Finding.Error("tls", $"{what} is valid only from {Date(from)} on", "correct the clock of this machine, or of the one that issued it")
                : until - now < Soon
                    ? Finding.Warning("tls", $"{what} expires in {Days(until - now)}, on {Date(until)}", "renew it; new connections use a changed file at once")
                    : Finding.Fine("tls", $"{what} is valid for another {Days(until - now)}");
    }

    /// <summary>Whom it is of and for, in one line.</summary>
    public static string Describe(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .Take(10).ToList();
        return $"{certificate.Subject}, for {(names.Count > 0 ? string.Join(", ", names) : "no name")}, signed by {certificate.Issuer}, "
            + $"valid until {Date(new DateTimeOffset(certificate.NotAfter))}";
    }

    private static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Days(TimeSpan span) => span.TotalDays < 2
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} hours")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} days");
}
