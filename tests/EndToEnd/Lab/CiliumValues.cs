namespace KvStoreMesh.EndToEnd.Lab;

/// <summary>The keys and values that Cilium's exporter writes for one small cluster, byte for byte.</summary>
internal static class CiliumValues
{
    private static readonly string[] Canaries = ["nodes", "identities", "ip", "services", "endpointslices", "serviceexports"];

    public static IEnumerable<(string Key, string Value)> Of(LabCluster cluster)
    {
        yield return ("cilium/.heartbeat", "2026-06-25T17:49:35Z");
        yield return ($"cilium/cluster-config/{cluster.Name}",
            $$$"""{"id":{{{cluster.Id}}},"capabilities":{"syncedCanaries":true,"maxConnectedClusters":255,"serviceExportsEnabled":false}}""");
        yield return ($"cilium/state/nodes/v1/{cluster.Name}/worker", Node(cluster));
        yield return ($"cilium/state/identities/v1/id/{cluster.Identity}",
            $"k8s:app=echo;k8s:io.cilium.k8s.policy.cluster={cluster.Name};k8s:io.kubernetes.pod.namespace=default;");
        foreach (var ip in cluster.Backends)
        {
            yield return Endpoint(cluster, ip);
        }

        yield return Service(cluster, cluster.Backends);
        foreach (var resource in Canaries)
        {
            yield return ($"cilium/synced/{cluster.Name}/cilium/state/{resource}/v1", "2026-06-25T17:49:35Z");
        }
    }

    public static (string Key, string Value) Service(LabCluster cluster, IEnumerable<string> backends)
    {
        var ports = string.Join(',', backends.Select(ip => $$$"""
            "{{{ip}}}":{"http":{"Protocol":"TCP","Port":8080}}
            """));
        return ($"cilium/state/services/v1/{cluster.Name}/default/echo",
            $$$$"""{"cluster":"{{{{cluster.Name}}}}","namespace":"default","name":"echo","frontends":{"{{{{cluster.Vip}}}}":{"http":{"Protocol":"TCP","Port":80}}},"backends":{{{{{ports}}}}},"labels":{},"selector":{"name":"echo"},"includeExternal":true,"shared":true,"clusterID":{{{{cluster.Id}}}}}""");
    }

    public static (string Key, string Value) Endpoint(LabCluster cluster, string ip) => ($"cilium/state/ip/v1/default/{ip}",
        $$"""{"IP":"{{ip}}","Mask":null,"HostIP":"{{cluster.NodeIp}}","ID":{{cluster.Identity}},"Key":0,"Metadata":"","K8sNamespace":"default","K8sPodName":"echo"}""");

    private static string Node(LabCluster cluster) =>
        $$$"""{"Name":"worker","Cluster":"{{{cluster.Name}}}","IPAddresses":[{"Type":"InternalIP","IP":"{{{cluster.NodeIp}}}"}],"IPv4AllocCIDR":{"IP":"10.{{{cluster.Id}}}.0.0","Mask":"////AA=="},"IPv4SecondaryAllocCIDRs":null,"IPv6AllocCIDR":null,"IPv6SecondaryAllocCIDRs":null,"IPv4HealthIP":"","IPv6HealthIP":"","IPv4IngressIP":"","IPv6IngressIP":"","ClusterID":{{{cluster.Id}}},"Source":"custom-resource","EncryptionKey":0,"Labels":null,"Annotations":null,"WireguardPubKey":"","BootID":""}""";
}
