using System.Net.Sockets;
using KvStoreMesh.NodeAgent.LocalApi;

namespace KvStoreMesh.NodeAgent.Tests.LocalApi;

public sealed class LocalApiServerTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kvm-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_file_that_is_no_socket_is_never_removed()
    {
        var path = Path.Combine(_directory.FullName, "precious");
        File.WriteAllText(path, "data");
        Assert.Contains("no socket", Assert.Throws<IOException>(() => LocalApiServer.Prepare(path)).Message, StringComparison.Ordinal);
        Assert.Equal("data", File.ReadAllText(path));
    }

    [Fact]
    public void The_socket_of_a_dead_agent_is_removed_and_that_of_a_living_one_is_not()
    {
        var path = Path.Combine(_directory.FullName, "agent.sock");
        using (var agent = Listen(path))
        {
            Assert.Contains("another", Assert.Throws<IOException>(() => LocalApiServer.Prepare(path)).Message, StringComparison.Ordinal);
            File.Move(path, path + "-dead");
        }

        File.Move(path + "-dead", path);
        LocalApiServer.Prepare(path);
        Assert.False(File.Exists(path));
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(1);
        return socket;
    }
}
