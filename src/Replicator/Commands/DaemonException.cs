namespace KvStoreMesh.Replicator.Commands;

/// <summary>A daemon could not be asked; the message is one line for the operator.</summary>
internal sealed class DaemonException(string message) : Exception(message);
