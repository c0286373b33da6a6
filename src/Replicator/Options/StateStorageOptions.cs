namespace KvStoreMesh.Replicator.Options;

/// <summary>Where the state is kept: one of the two.</summary>
/// <param name="Directory">A directory for SQLite.</param>
/// <param name="ConnectionString">A PostgreSQL database, as Npgsql reads it. Holds a password: never logged.</param>
internal sealed record StateStorageOptions(string? Directory, string? ConnectionString)
{
    /// <summary>Which of the two, without the password.</summary>
    public override string ToString() => Directory ?? "PostgreSQL";
}
