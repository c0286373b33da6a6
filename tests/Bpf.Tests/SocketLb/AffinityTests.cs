using System.Net.Sockets;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

/// <summary>Session affinity: a client comes back to its backend while that one takes connections, and no longer.</summary>
public sealed class AffinityTests
{
    private const ushort Service = 7;

    [BpfFact]
    public void A_client_stays_with_its_backend_until_the_backend_is_withdrawn()
    {
        using var host = new SteeredHost();
        EchoBackend[] servers = [.. Enumerable.Range(1, 4).Select(name => new EchoBackend((byte)name))];
        try
        {
            Publish(host, servers, timeout: 10800);
            byte first = Ask(host);
            Assert.All(Enumerable.Range(0, 40), _ => Assert.Equal(first, Ask(host)));

            host.Maps.AffinityMatch.Delete(new(first, Service));
            byte second = AskForAnother(host, first);
            Assert.All(Enumerable.Range(0, 40), _ => Assert.Equal(second, Ask(host)));
            LbAffinity kept = Assert.Single(host.Maps.Affinity4.Entries()).Value;
            Assert.Equal(second, kept.BackendId);
        }
        finally
        {
            Array.ForEach(servers, server => server.Dispose());
        }
    }

    [BpfFact]
    public void A_choice_that_has_not_been_used_for_longer_than_the_timeout_is_forgotten()
    {
        using var host = new SteeredHost();
        EchoBackend[] servers = [.. Enumerable.Range(1, 2).Select(name => new EchoBackend((byte)name))];
        try
        {
            Publish(host, servers, timeout: 100);
            byte first = Ask(host);
            (Lb4AffinityKey client, LbAffinity choice) = Assert.Single(host.Maps.Affinity4.Entries());
            byte other = AskForAnother(host, first, () => host.Maps.Affinity4.Update(client, new(choice.LastUsed - 101, choice.BackendId)));
            Assert.NotEqual(first, other);
        }
        finally
        {
            Array.ForEach(servers, server => server.Dispose());
        }
    }

    /// <summary>Connects until somebody else answers; the chance of not meeting one in 200 throws is nothing.</summary>
    private static byte AskForAnother(SteeredHost host, byte notThis, Action? before = null)
    {
        for (int i = 0; i < 200; i++)
        {
            before?.Invoke();
            if (Ask(host) is var answer && answer != notThis)
            {
                return answer;
            }
        }

        throw new InvalidOperationException("the client never left its backend");
    }

    private static byte Ask(SteeredHost host)
    {
        using Socket socket = host.NewSocket(SocketType.Stream);
        socket.Connect(SteeredHost.Frontend());
        return TcpTests.Ask(socket);
    }

    private static void Publish(SteeredHost host, EchoBackend[] servers, uint timeout)
    {
        host.Publish(LbProtocol.Tcp, Service, [.. servers.Select(server => new TestBackend(server.Name, server.Tcp))]);
        foreach (EchoBackend server in servers)
        {
            host.Maps.AffinityMatch.Update(new(server.Name, Service), 0);
        }

        host.Services.Update(
            new(SteeredHost.Vip, 80, LbProtocol.Tcp),
            Lb4Service.Master((ushort)servers.Length, Service, LbServiceFlags.Affinity, affinityAndAlgorithm: timeout));
    }
}
