namespace KvStoreMesh.Bpf.Maps;

/// <summary>A pinned map has another shape than the spec asks for.</summary>
public sealed class BpfMapMismatchException : IOException
{
    internal BpfMapMismatchException(string path, MapShape wanted, MapShape found)
        : base($"the map pinned at {path} is a {found}, wanted is a {wanted}; let it be replaced, or use another map prefix") => Path = path;

    /// <summary>The pin.</summary>
    public string Path { get; }
}
