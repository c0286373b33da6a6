namespace KvStoreMesh.NodeAgent.Manifests;

/// <summary>Looks at a directory of manifests and tells what is in it, when that has changed.</summary>
/// <remarks>
/// A file counts as removed at the second look that misses it: one that is being replaced is missing for a moment, and to drop a
/// policy opens what it closed. A directory that cannot be read changes nothing. One thread.
/// </remarks>
internal sealed class ManifestDirectory(string path)
{
    private const int MaxFiles = 10_000;
    private const int MaxFileBytes = 1 << 20;

    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    private Dictionary<string, (string? Stamp, ManifestFile File)> _known = [];
    private HashSet<string> _missing = [];
    private string? _problem;
    private bool _hasLooked;

    /// <summary>The directory.</summary>
    public string Path => path;

    /// <summary>What there is, by name; null if it is as it was at the last look.</summary>
    public ManifestReading? Look()
    {
        Dictionary<string, (string?, ManifestFile)> found = [];
        HashSet<string> missing = [];
        string? problem = null;
        try
        {
            var names = Directory.EnumerateFiles(path).Where(IsManifest).Take(MaxFiles + 1).ToList();
            if (names.Count > MaxFiles)
            {
                throw new IOException($"there are more than {MaxFiles} files in it");
            }

            foreach (var name in names)
            {
                var known = _known.GetValueOrDefault(System.IO.Path.GetFileName(name));
                var stamp = StampOf(name);
                found[System.IO.Path.GetFileName(name)] = stamp is not null && known.Stamp == stamp ? known : (stamp, Read(name));
            }

            foreach (var name in _known.Keys.Where(name => !found.ContainsKey(name) && !_missing.Contains(name)))
            {
                missing.Add(name);
                found[name] = _known[name];
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            (found, problem) = (_known, $"{path} cannot be read: {error.Message}; what was in it stays in force");
        }

        var isSame = _hasLooked && problem == _problem && found.Count == _known.Count
            && found.All(pair => _known.TryGetValue(pair.Key, out var known) && known.File.Equals(pair.Value.Item2));
        (_known, _missing, _problem, _hasLooked) = (found, missing, problem, true);
        return isSame ? null : new([.. found.Values.Select(file => file.Item2).OrderBy(file => file.Name, StringComparer.Ordinal)], problem);
    }

    private static bool IsManifest(string name) =>
        Extensions.Contains(System.IO.Path.GetExtension(name)) && !System.IO.Path.GetFileName(name).StartsWith('.');

    /// <summary>Equal while a file need not be read again. A link always is: what it leads to may be exchanged anywhere on the way, as mounted ConfigMaps are.</summary>
    private static string? StampOf(string file)
    {
        var info = new FileInfo(file);
        return info.LinkTarget is null ? $"{info.Length} {info.LastWriteTimeUtc.Ticks}" : null;
    }

    private static ManifestFile Read(string file)
    {
        var name = System.IO.Path.GetFileName(file);
        try
        {
            var info = new FileInfo(file);
            var target = (FileInfo?)info.ResolveLinkTarget(returnFinalTarget: true) ?? info;

            // A pipe has no length either, and to open it would wait for the other end.
            if (target.Length == 0)
            {
                return new(name, string.Empty, null);
            }

            return target.Length <= MaxFileBytes
                ? new(name, File.ReadAllText(file), null)
                : new(name, null, $"it has {target.Length} bytes, at most {MaxFileBytes} are accepted");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new(name, null, error.Message);
        }
    }
}
