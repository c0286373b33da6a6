using System.Globalization;
using System.Net;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Tests;

/// <summary>Short ways to say values.</summary>
internal static class Some
{
    public static ClusterName Cluster(string name) => ClusterName.Parse(name);

    /// <summary><c>10.0.0.1:80</c> or <c>10.0.0.1:80/UDP</c>.</summary>
    public static L3n4Addr Addr(string text)
    {
        var slash = text.Split('/');
        var endPoint = IPEndPoint.Parse(slash[0]);
        return L3n4Addr.From(
            endPoint.Address, (ushort)endPoint.Port, slash.Length == 1 ? L4Protocol.Tcp : L3n4Addr.ParseProtocol(slash[1])!.Value);
    }

    public static L3n4Addr[] Addrs(params string[] texts) => [.. texts.Select(Addr)];

    /// <summary>A frontend of <c>test/echo</c> with active backends.</summary>
    public static MergedFrontend Merged(string frontend, params string[] backends) =>
        new(Addr(frontend), "test/echo", [.. Addrs(backends).Select(address => new SelectedBackend(address))]);

    /// <summary>A record of <c>test/echo</c>; each address is <c>ip name=port[/PROTO] …</c>.</summary>
    public static ClusterService Service(
        string cluster, string[] frontends, string[] backends, bool includeExternal = true, bool shared = true, string name = "echo") => new()
        {
            Cluster = cluster,
            Namespace = "test",
            Name = name,
            Frontends = Addresses(frontends),
            Backends = Addresses(backends),
            IncludeExternal = includeExternal,
            Shared = shared,
        };

    /// <summary>A value's bytes; null stays null, which it would not as an array.</summary>
    public static ReadOnlyMemory<byte>? Bytes(string? value) =>
        value is null ? (ReadOnlyMemory<byte>?)null : System.Text.Encoding.UTF8.GetBytes(value);

    private static Dictionary<IPAddress, IReadOnlyDictionary<string, L4Port>> Addresses(string[] texts) =>
        texts.Select(text => text.Split(' ')).ToDictionary(
            words => IPAddress.Parse(words[0]), words => (IReadOnlyDictionary<string, L4Port>)words.Skip(1).ToDictionary(Name, Port));

    private static string Name(string port) => port.Split('=')[0];

    private static L4Port Port(string port)
    {
        var number = port.Split('=')[1].Split('/');
        return new L4Port(number.Length == 1 ? "TCP" : number[1], ushort.Parse(number[0], CultureInfo.InvariantCulture));
    }
}
