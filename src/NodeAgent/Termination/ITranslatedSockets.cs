using KvStoreMesh.Bpf.Sockets;

namespace KvStoreMesh.NodeAgent.Termination;

/// <summary>The sockets that were led to backends. Not the apply loop's: reading them takes a while.</summary>
public interface ITranslatedSockets
{
    /// <summary>All that the socket programs remember; some may be closed already.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    IReadOnlyList<TranslatedSocket> Read();

    /// <summary>Closes those that are still connected to the backend they were led to.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    SocketClosing Close(IEnumerable<TranslatedSocket> sockets);
}
