namespace KvStoreMesh.NodeAgent.Termination;

/// <summary>A socket that was led to a backend, as the socket programs remember it. The protocol is not part of that.</summary>
/// <param name="Cookie">The socket's number on this machine.</param>
/// <param name="Lease">Through which frontend, and to which backend.</param>
public readonly record struct TranslatedSocket(ulong Cookie, BackendLease Lease);
