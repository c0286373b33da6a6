namespace KvStoreMesh.Replicator.Fanout;

/// <summary>Names this start of the daemon: its sequence numbers mean nothing to another one.</summary>
/// <param name="Id">Random.</param>
internal sealed record DaemonInstance(string Id);
