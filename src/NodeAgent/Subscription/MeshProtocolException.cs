namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>The daemon sent what the protocol does not allow. Ends the session; what was applied before stays.</summary>
public sealed class MeshProtocolException(string message) : Exception(message);
