using System.Text;

namespace KvStoreMesh.Replicator.ClusterConfigs;

/// <summary>Reads configuration files, and turns what goes wrong into words. No decision is made here.</summary>
internal static class ConfigFiles
{
    /// <summary>Reads every file of a directory; null and the reason if it cannot be listed.</summary>
    public static IReadOnlyList<ConfigFileReading>? ReadDirectory(string directory, int maxBytes, out ConfigurationProblem? failure)
    {
        failure = null;
        try
        {
            // Dotfiles are kubelet's ..data and editors' swap files, never clusters.
            return [.. Directory.EnumerateFileSystemEntries(directory)
                .Where(path => !Path.GetFileName(path).StartsWith('.') && !Directory.Exists(path))
                .Order(StringComparer.Ordinal)
                .Select(path => Read(path, maxBytes))
                .OfType<ConfigFileReading>()];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            failure = new ConfigurationProblem(
                directory, null, $"the directory cannot be read ({error.Message}); every cluster keeps its last configuration");
            return null;
        }
    }

    /// <summary>Reads one file; null if there is nothing of its name.</summary>
    public static ConfigFileReading? Read(string path, int maxBytes)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var stream = RegularFile.OpenRead(path);
                var buffer = new byte[maxBytes + 1];
                var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                return length > maxBytes
                    ? new ConfigFileReading(path, null, $"the file is larger than {maxBytes >> 10} KiB: no etcd client configuration")
                    : new ConfigFileReading(path, Encoding.UTF8.GetString(buffer, 0, length), null);
            }
            catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
            {
                // Kubelet swaps ..data and removes the old directory: a path may end in it once, not twice.
                if (attempt == 2)
                {
                    return new FileInfo(path).LinkTarget is { } target
                        ? new ConfigFileReading(path, null, $"it is a link to {target}, which does not exist: mount it, or remove the link")
                        : null;
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return new ConfigFileReading(path, null, $"the file cannot be read: {error.Message}");
            }
        }
    }
}
