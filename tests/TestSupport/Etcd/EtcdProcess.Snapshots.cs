using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.TestSupport.Etcd;

public sealed partial class EtcdProcess
{
    /// <summary>Saves what it holds, as an operator's backup does; without TLS only.</summary>
    public void SaveSnapshot(string file) => Command.Run("etcdctl", $"--endpoints={Url}", "snapshot", "save", file);

    /// <summary>
    /// Starts it again from a snapshot after <see cref="KillAsync"/>: an older revision, under the same cluster ID.
    /// </summary>
    public async Task StartAgainFromAsync(string snapshot)
    {
        DeleteData();
        var peer = $"http://127.0.0.1:{_peerPort}";
        Command.Run(
            "etcdctl", "snapshot", "restore", snapshot, "--name=test", $"--data-dir={_dataDirectory}", $"--initial-cluster=test={peer}",
            $"--initial-cluster-token={_options.ClusterToken}", $"--initial-advertise-peer-urls={peer}");
        await StartAgainAsync();
    }
}
