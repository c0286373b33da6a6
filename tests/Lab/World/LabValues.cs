namespace KvStoreMesh.Lab.World;

/// <summary>What Cilium's exporter writes for one small cluster: a node, an identity, endpoints and the global service default/echo.</summary>
internal static class LabValues
{
    private static readonly string[] Canaries = ["nodes", "identities", "ip", "services", "endpointslices", "serviceexports"];

    public static IEnumerable<(string Key, string Value)> Of(string cluster, int id, int endpoints = 2, string? podCidr = null)
    {
        var identity = (id << 16) + 1234;
        yield return ("cilium/.heartbeat", DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
        yield return ($"cilium/cluster-config/{cluster}",
            $$$"""{"id":{{{id}}},"capabilities":{"syncedCanaries":true,"maxConnectedClusters":255,"serviceExportsEnabled":false}}""");
        yield return ($"cilium/state/nodes/v1/{cluster}/worker",
            $$$"""{"Name":"worker","Cluster":"{{{cluster}}}","IPAddresses":[{"Type":"InternalIP","IP":"172.18.0.{{{id}}}"}],"IPv4AllocCIDR":{"IP":"{{{podCidr ?? $"10.{id}.0.0"}}}","Mask":"////AA=="},"ClusterID":{{{id}}},"Source":"custom-resource","EncryptionKey":0,"BootID":""}""");
        yield return ($"cilium/state/identities/v1/id/{identity}",
            $"k8s:app=echo;k8s:io.cilium.k8s.policy.cluster={cluster};k8s:io.kubernetes.pod.namespace=default;");
        for (var n = 0; n < endpoints; n++)
        {
            yield return Endpoint(id, n);
        }

        yield return Service(cluster, id, endpoints);
        foreach (var resource in Canaries)
        {
            yield return ($"cilium/synced/{cluster}/cilium/state/{resource}/v1", "2026-06-25T17:49:35Z");
        }
    }

    public static (string Key, string Value) Endpoint(int id, int n) => ($"cilium/state/ip/v1/default/10.{id}.0.{10 + n}",
        $$"""{"IP":"10.{{id}}.0.{{10 + n}}","Mask":null,"HostIP":"172.18.0.{{id}}","ID":{{(id << 16) + 1234}},"Key":0,"Metadata":"","K8sNamespace":"default","K8sPodName":"echo-{{n}}"}""");

    public static (string Key, string Value) Service(string cluster, int id, int backends)
    {
        var ports = string.Join(',', Enumerable.Range(0, backends).Select(n => $$$"""
            "10.{{{id}}}.0.{{{10 + n}}}":{"http":{"Protocol":"TCP","Port":8080}}
            """));
        return ($"cilium/state/services/v1/{cluster}/default/echo",
            $$$$"""{"cluster":"{{{{cluster}}}}","namespace":"default","name":"echo","frontends":{"10.96.{{{{id}}}}.10":{"http":{"Protocol":"TCP","Port":80}}},"backends":{{{{{ports}}}}},"labels":{},"selector":{"name":"echo"},"includeExternal":true,"shared":true,"clusterID":{{{{id}}}}}""");
    }
}
