namespace KvStoreMesh.Core.Sinks;

/// <summary>What went wrong at the local etcd, as far as the sink acts on it.</summary>
public enum StoreFailure
{
    /// <summary>No answer, or none that tells whether the request took effect: connection, time-out, permission, no space.</summary>
    Unavailable,

    /// <summary>A lease of the transaction does not exist; nothing was applied.</summary>
    LeaseNotFound,

    /// <summary>The server allows fewer operations in a transaction; nothing was applied.</summary>
    TooManyOperations,

    /// <summary>The server refuses the content, as a request that is too large; nothing was applied.</summary>
    Refused,

    /// <summary>The transaction's <see cref="StoreFence"/> does not hold any more; nothing was applied.</summary>
    Fenced,
}
