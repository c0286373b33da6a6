namespace KvStoreMesh.Core.Sinks;

/// <summary>Where an entry waits to be written.</summary>
internal enum SinkQueue
{
    None,

    /// <summary>The store has the right value under a lease that is not ours and will end: there is no hurry.</summary>
    Background,

    /// <summary>The store has not the right value.</summary>
    Urgent,
}
