namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// One call to the store that <see cref="SinkMirror"/> asks for: run it once, on any thread, then hand it back to
/// <see cref="SinkMirror.Complete"/>. It carries its own answer.
/// </summary>
public abstract class SinkCommand
{
    /// <summary>When it was handed out, on the mirror's clock.</summary>
    internal TimeSpan Started { get; set; }

    /// <summary>The store's revision that the answer cannot be below, unless the store has lost its history.</summary>
    internal long Floor { get; set; }

    /// <summary>The history that <see cref="Floor"/> belongs to.</summary>
    internal int History { get; set; }

    /// <summary>Makes the call.</summary>
    /// <exception cref="StoreException">It failed.</exception>
    public abstract Task RunAsync(CancellationToken cancellationToken);
}
