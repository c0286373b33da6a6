using KvStoreMesh.Actors.Persistence;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>
/// What an incarnation of a <see cref="RemoteClusterActor"/> hands over to the next one: nothing about data. Created and
/// kept by the parent, touched by one incarnation at a time.
/// </summary>
/// <remarks>
/// Not the replica: after a crash nobody can say what it took in and did not tell the cache, so the next incarnation
/// starts with an empty one. That is a new epoch, and the cache itself deletes what an earlier epoch left and a complete
/// list no longer has. The session is handed over because the source must never see two of them.
/// </remarks>
internal sealed class RemoteClusterHandover(RemoteClusterOptions options, Random random)
{
    /// <summary>Epochs and jitter.</summary>
    public Random Random => random;

    /// <summary>How well the source has been reached.</summary>
    public SourceHealth Health { get; } = new(options, random);

    /// <summary>
    /// What an earlier run of the daemon stored; taken by the first incarnation only. One that crashed on it must not be followed by another.
    /// </summary>
    public StoredCluster? Stored { get; set; }

    /// <summary>The last session; null before the first. The next one opens when it has ended.</summary>
    public SourceSession? Session { get; set; }
}
