namespace KvStoreMesh.EndToEnd.Lab;

/// <summary>One cluster of the lab.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id, also the second byte of its pod CIDR.</param>
/// <param name="EtcdPort">The client port of its etcd.</param>
/// <param name="Backends">The pod IPs that answer.</param>
internal sealed record LabCluster(string Name, int Id, int EtcdPort, params IReadOnlyList<string> Backends)
{
    public string Vip => $"10.96.{Id}.10";

    public string NodeIp => $"172.18.0.{Id}";

    public int Identity => (Id << 16) + 1234;

    public string EtcdUrl => $"http://127.0.0.1:{EtcdPort}";

    /// <summary>The etcd client configuration that points to it.</summary>
    public string ClientConfig => $"endpoints:\n- {EtcdUrl}\n";
}
