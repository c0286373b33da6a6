namespace KvStoreMesh.Bpf.Sockets;

/// <summary>What became of sockets that were to be closed.</summary>
/// <param name="Closed">Sockets closed.</param>
/// <param name="RefusedNamespaces">Network namespaces that could not be entered: it takes CAP_SYS_ADMIN, and CAP_SYS_PTRACE for those of others.</param>
public readonly record struct SocketClosing(int Closed, int RefusedNamespaces);
