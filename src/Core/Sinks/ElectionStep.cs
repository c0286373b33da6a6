namespace KvStoreMesh.Core.Sinks;

/// <summary>What <see cref="LeaderElection"/> asks of the store.</summary>
internal enum ElectionStep
{
    /// <summary>A lease for the lock.</summary>
    Grant,

    /// <summary>The key by which this daemon queues up for the lock.</summary>
    Enlist,

    /// <summary>Who is first in the queue.</summary>
    Look,

    /// <summary>The lease's renewal.</summary>
    Renew,
}
