namespace KvStoreMesh.MeshLab;

/// <summary>What Cilium's exporter writes for one small cluster: a node, an identity, endpoints and the global service default/echo.</summary>
internal static class LabValues
{
    private static readonly string[] Canaries = ["nodes", "identities", "ip", "services", "endpointslices", "serviceexports"];

    /// <summary>All of it, in an order in which a reader never sees a canary before what it stands for.</summary>
    public static IEnumerable<(string Key, string Value)> Of(LabCluster cluster)
    {
        yield return Heartbeat();
        yield return ($"cilium/cluster-config/{cluster.Name}",
            $$$"""{"id":{{{cluster.Id}}},"capabilities":{"syncedCanaries":true,"maxConnectedClusters":255,"serviceExportsEnabled":false}}""");
        yield return ($"cilium/state/nodes/v1/{cluster.Name}/worker",
            $$$"""{"Name":"worker","Cluster":"{{{cluster.Name}}}","IPAddresses":[{"Type":"InternalIP","IP":"172.18.0.{{{cluster.Id}}}"}],"IPv4AllocCIDR":{"IP":"10.{{{cluster.Id}}}.0.0","Mask":"////AA=="},"ClusterID":{{{cluster.Id}}},"Source":"custom-resource","EncryptionKey":0,"BootID":""}""");
        yield return ($"cilium/state/identities/v1/id/{Identity(cluster)}",
            $"k8s:app=echo;k8s:io.cilium.k8s.policy.cluster={cluster.Name};k8s:io.kubernetes.pod.namespace=default;");
        foreach (var backend in cluster.Backends)
        {
            yield return Endpoint(cluster, backend);
        }

        yield return Service(cluster);
        foreach (var resource in Canaries)
        {
            yield return ($"cilium/synced/{cluster.Name}/cilium/state/{resource}/v1", Now());
        }
    }

    /// <summary>The exporter's sign of life, once a minute.</summary>
    public static (string Key, string Value) Heartbeat() => ("cilium/.heartbeat", Now());

    /// <summary>An endpoint's address.</summary>
    public static (string Key, string Value) Endpoint(LabCluster cluster, string ip) => ($"cilium/state/ip/v1/default/{ip}",
        $$"""{"IP":"{{ip}}","Mask":null,"HostIP":"172.18.0.{{cluster.Id}}","ID":{{Identity(cluster)}},"Key":0,"Metadata":"","K8sNamespace":"default","K8sPodName":"echo"}""");

    private static (string Key, string Value) Service(LabCluster cluster)
    {
        var ports = string.Join(',', cluster.Backends.Select(ip => $$$"""
            "{{{ip}}}":{"http":{"Protocol":"TCP","Port":8080}}
            """));
        return ($"cilium/state/services/v1/{cluster.Name}/default/echo",
            $$$$"""{"cluster":"{{{{cluster.Name}}}}","namespace":"default","name":"echo","frontends":{"10.96.{{{{cluster.Id}}}}.10":{"http":{"Protocol":"TCP","Port":80}}},"backends":{{{{{ports}}}}},"labels":{},"selector":{"name":"echo"},"includeExternal":true,"shared":true,"clusterID":{{{{cluster.Id}}}}}""");
    }

    private static int Identity(LabCluster cluster) => (cluster.Id << 16) + 1234;

    private static string Now() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
