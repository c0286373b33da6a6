namespace KvStoreMesh.Etcd.Configuration;

/// <summary>A file that the configuration names.</summary>
/// <param name="Key">The configuration's key.</param>
/// <param name="Path">The name as given; a relative one is relative to the process's working directory, as in Go.</param>
/// <param name="Line">The line of the configuration, from 1.</param>
public sealed record ConfiguredFile(string Key, string Path, int Line);
