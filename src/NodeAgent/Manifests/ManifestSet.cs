namespace KvStoreMesh.NodeAgent.Manifests;

/// <summary>
/// What the manifests of a directory say. A file that cannot be used leaves what it held before in force, and says so. Not
/// thread-safe: owned by the apply loop.
/// </summary>
/// <typeparam name="T">What a file holds some of.</typeparam>
public sealed class ManifestSet<T>
{
    private Func<string, string, IReadOnlyList<T>> _parse;
    private Dictionary<string, Held> _files = [];

    /// <summary>Creates an empty set.</summary>
    /// <param name="parse">Reads a file, given its name and its text; throws <see cref="ManifestException"/>.</param>
    public ManifestSet(Func<string, string, IReadOnlyList<T>> parse) => _parse = parse;

    /// <summary>Everything in force, by file.</summary>
    public IReadOnlyList<(string File, T Item)> Items { get; private set; } = [];

    /// <summary>Why the directory cannot be read; null if it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>The directory has been read.</summary>
    public bool IsRead { get; private set; }

    /// <summary>The directory has not been read, or some file has never been usable: what is in force may be too little.</summary>
    public bool IsIncomplete => !IsRead || _files.Values.Any(file => file is { Problem: not null, Text: null });

    /// <summary>The files by name.</summary>
    public IReadOnlyList<ManifestFileStatus> Files =>
        [.. Sorted().Select(pair => new ManifestFileStatus(pair.Key, pair.Value.Items.Count, pair.Value.Problem, pair.Value.Text is not null))];

    /// <summary>Takes what the directory holds.</summary>
    public void Apply(ManifestReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        Problem = reading.Problem;
        IsRead |= reading.Problem is null;
        Replace(reading.Files.ToDictionary(file => file.Name, file => Read(file, _files.GetValueOrDefault(file.Name))));
    }

    /// <summary>Reads what is in force again, in another way.</summary>
    public void Reparse(Func<string, string, IReadOnlyList<T>> parse)
    {
        _parse = parse;
        Replace(_files.ToDictionary(
            pair => pair.Key,
            pair => pair.Value.Text is { } text ? pair.Value with { Items = parse(pair.Key, text) } : pair.Value));
    }

    private Held Read(ManifestFile file, Held? before)
    {
        before ??= new(null, [], null);
        if (file.Text is null)
        {
            return before with { Problem = file.Failure };
        }

        if (file.Text == before.Text)
        {
            return before with { Problem = null };
        }

        try
        {
            return new(file.Text, _parse(file.Name, file.Text), null);
        }
        catch (ManifestException error)
        {
            return before with { Problem = error.Message };
        }
    }

    private void Replace(Dictionary<string, Held> files)
    {
        _files = files;
        Items = [.. Sorted().SelectMany(pair => pair.Value.Items.Select(item => (pair.Key, item)))];
    }

    private IEnumerable<KeyValuePair<string, Held>> Sorted() => _files.OrderBy(pair => pair.Key, StringComparer.Ordinal);

    /// <param name="Text">What is in force; null: nothing has ever been.</param>
    /// <param name="Items">Read off it.</param>
    /// <param name="Problem">Why the present content is not in force.</param>
    private sealed record Held(string? Text, IReadOnlyList<T> Items, string? Problem);
}
