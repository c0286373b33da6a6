namespace KvStoreMesh.Actors.Persistence;

/// <summary>The store did not do what it was asked. The message is one line: what, where, and the way out.</summary>
/// <param name="fault">What it means for the daemon.</param>
/// <param name="message">For an operator.</param>
/// <param name="inner">What the database said.</param>
public sealed class EntryStoreException(EntryStoreFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What it means for the daemon.</summary>
    public EntryStoreFault Fault => fault;
}
