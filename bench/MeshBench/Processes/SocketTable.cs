namespace KvStoreMesh.MeshBench.Processes;

/// <summary>The kernel's table of TCP sockets.</summary>
internal static class SocketTable
{
    /// <summary>Established connections whose server side is one of these ports, counted at that side.</summary>
    public static int CountServedBy(IReadOnlyCollection<int> ports)
    {
        // The second column is the local address and port in hex, the fourth one the state; 01 is established.
        var wanted = ports.Select(port => $":{port:X4}").ToHashSet();
        return File.ReadLines("/proc/net/tcp")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(columns => columns[3] == "01" && wanted.Contains(columns[1][^5..]));
    }
}
