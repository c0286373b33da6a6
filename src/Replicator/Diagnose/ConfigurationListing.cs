using System.Globalization;
using System.Text;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Configuration;
using KvStoreMesh.Replicator.ClusterConfigs;

namespace KvStoreMesh.Replicator.Diagnose;

/// <summary>
/// The configuration directory for a bug report. Written from what was understood of each file, never from its text: what is not
/// understood is not repeated, so neither a password nor a key can slip through.
/// </summary>
internal static class ConfigurationListing
{
    /// <summary>The listing of a directory's files.</summary>
    public static string Of(IEnumerable<ConfigFileReading> files)
    {
        var text = new StringBuilder();
        foreach (var file in files)
        {
            text.Append(CultureInfo.InvariantCulture, $"{file.Path}: {Describe(file)}\n");
        }

        return text.ToString();
    }

    private static string Describe(ConfigFileReading file)
    {
        if (!file.IsConfig)
        {
            return file.Failure ?? (file.IsPem ? "a key or a certificate" : "no etcd client configuration");
        }

        try
        {
            var config = EtcdClientConfig.Parse(file.Path, file.Text);
            string?[] parts =
            [
                $"endpoints {string.Join(" ", config.Endpoints)}",
                config.TrustedCaFile is { } ca ? $"trusted-ca-file {ca.Path}" : null,
                config.CertFile is { } certificate ? $"cert-file {certificate.Path}" : null,
                config.KeyFile is { } key ? $"key-file {key.Path}" : null,
                config.InsecureSkipTlsVerify ? "insecure-skip-tls-verify" : null,
                config.Username is not null ? "a user with a password" : null,
                config.HostAliases.Count > 0 ? $"aliases of {string.Join(" ", config.HostAliases.Keys)}" : null,
            ];
            return string.Join(", ", parts.Where(part => part is not null));
        }
        catch (SourceException failure)
        {
            return failure.Message;
        }
    }
}
