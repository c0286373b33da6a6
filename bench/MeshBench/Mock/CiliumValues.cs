using System.Text;

namespace KvStoreMesh.MeshBench.Mock;

/// <summary>Values as Cilium's writers form them, each with the time of its writing where Cilium has free text.</summary>
/// <remarks>Node addresses: 172.16/12 and 100.64/10 by cluster and node. Pods: 10.cluster/16. So nothing overlaps in a mesh of 255 clusters.</remarks>
internal static class CiliumValues
{
    /// <summary>Before the 16 hex digits of the monotonic clock at which a value was made; 0 = of the initial load.</summary>
    public static ReadOnlySpan<byte> TimeMark => "bench-t"u8;

    public static byte[] ClusterConfig(int id, bool cached) => Utf8(
        $$$"""{"id":{{{id}}},"capabilities":{"syncedCanaries":true,"cached":{{{(cached ? "true" : "false")}}},"maxConnectedClusters":255}}""");

    public static string NodeName(int node) => $"node-{node:d4}";

    public static string InternalIp(int cluster, int node) => $"172.{16 + (cluster >> 4)}.{((cluster & 15) << 4) | (node >> 8)}.{node & 255}";

    public static string PodIp(int cluster, int pod) => $"10.{cluster}.{pod >> 8}.{pod & 255}";

    public static int IdentityNumber(int cluster, int identity) => (cluster << 16) + 256 + identity;

    public static byte[] Node(string cluster, int id, int node, long written)
    {
        var name = NodeName(node);
        var second = 64 + (id >> 2);
        var internalIp = InternalIp(id, node);
        var tail = $"{((id & 3) << 6) | (node >> 6)}.{(node & 63) << 2}";
        return Utf8(
            $$"""{"Name":"{{name}}","Cluster":"{{cluster}}","IPAddresses":[{"Type":"InternalIP","IP":"{{internalIp}}"},{"Type":"CiliumInternalIP","IP":"100.{{second}}.{{tail}}"}],"IPv4AllocCIDR":{"IP":"10.{{id}}.{{node >> 4}}.{{(node & 15) << 4}}","Mask":"////8A=="},"IPv4SecondaryAllocCIDRs":null,"IPv6AllocCIDR":null,"IPv6SecondaryAllocCIDRs":null,"IPv4HealthIP":"","IPv6HealthIP":"","IPv4IngressIP":"","IPv6IngressIP":"","ClusterID":{{id}},"Source":"custom-resource","EncryptionKey":0,"Labels":{"kubernetes.io/arch":"amd64","kubernetes.io/hostname":"{{name}}","kubernetes.io/os":"linux"},"Annotations":{"written":"{{Time(written)}}"},"WireguardPubKey":"","BootID":""}""");
    }

    // Cilium sorts the labels; the time stands where its key sorts.
    public static byte[] Identity(string cluster, int number, long written) => Utf8(
        $"k8s:app=app-{number & 1023};k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=ns-{number & 63};"
        + $"k8s:io.cilium.k8s.policy.cluster={cluster};k8s:io.cilium.k8s.policy.serviceaccount=default;"
        + $"k8s:io.kubernetes.pod.namespace=ns-{number & 63};k8s:written={Time(written)};");

    public static byte[] Endpoint(int cluster, int pod, int node, int identity, long written) => Utf8(
        $$"""{"IP":"{{PodIp(cluster, pod)}}","Mask":null,"HostIP":"{{InternalIp(cluster, node)}}","ID":{{identity}},"Key":0,"Metadata":"","K8sNamespace":"ns-{{pod & 63}}","K8sPodName":"{{Time(written)}}","K8sServiceAccount":"default","NamedPorts":[{"Name":"http","Port":8080,"Protocol":"TCP"}]}""");

    public static byte[] Service(string cluster, int id, int service, IEnumerable<int> pods, long written)
    {
        var ports = "{\"bar\":{\"Protocol\":\"TCP\",\"Port\":9090},\"foo\":{\"Protocol\":\"TCP\",\"Port\":8080}}";
        var frontends = $"{{\"10.0.{service >> 8}.{service & 255}\":" + """{"bar":{"Protocol":"TCP","Port":90},"foo":{"Protocol":"TCP","Port":80}}}""";
        var backends = string.Join(',', pods.Select(pod => $"\"{PodIp(id, pod)}\":{ports}").Order(StringComparer.Ordinal));
        backends = "{" + backends + "}";
        return Utf8(
            $$$"""{"cluster":"{{{cluster}}}","namespace":"ns-{{{service & 63}}}","name":"svc-{{{service}}}","frontends":{{{frontends}}},"backends":{{{backends}}},"labels":{"written":"{{{Time(written)}}}"},"selector":{},"includeExternal":true,"shared":true,"clusterID":{{{id}}}}""");
    }

    private static string Time(long written) => $"bench-t{written:x16}";

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
