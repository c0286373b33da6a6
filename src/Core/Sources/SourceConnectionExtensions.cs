namespace KvStoreMesh.Core.Sources;

/// <summary>The common case of what <see cref="ISourceConnection"/> offers.</summary>
public static class SourceConnectionExtensions
{
    /// <summary>Opens one watch stream over several ranges, all from the same revision on.</summary>
    public static Task<ISourceWatch> WatchAsync(
        this ISourceConnection connection, IReadOnlyList<SourceRange> ranges, long startRevision, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.WatchAsync([.. ranges.Select(range => new WatchStart(range, startRevision))], cancellationToken);
    }
}
