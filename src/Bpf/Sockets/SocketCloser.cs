namespace KvStoreMesh.Bpf.Sockets;

/// <summary>Closes connected sockets of other processes, in every network namespace that may be entered.</summary>
public static class SocketCloser
{
    private const byte Tcp = 6;
    private const byte Udp = 17;

    /// <summary>Closes these, TCP and UDP; their users get ECONNABORTED. One that is not there, or is connected to somebody else by now, is passed over.</summary>
    /// <exception cref="Syscalls.BpfException">The kernel refused.</exception>
    public static SocketClosing Close(IReadOnlySet<InetSocket> sockets)
    {
        var closed = 0;
        var refused = NetworkNamespaces.RunInEach(() =>
        {
            using var diagnosis = new SocketDiagnosis();
            closed += diagnosis.Close(Tcp, sockets.Contains) + diagnosis.Close(Udp, sockets.Contains);
        });
        return new(closed, refused);
    }
}
