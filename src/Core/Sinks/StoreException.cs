namespace KvStoreMesh.Core.Sinks;

/// <summary>
/// The local etcd could not be reached or written. The message is one line for an operator: what failed at which
/// endpoint, and the way out. Expected trouble, not a bug.
/// </summary>
public sealed class StoreException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StoreException(StoreFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>What it means for the sink.</summary>
    public StoreFailure Failure { get; }
}
