// What the lab of docker-compose.yml needs beside the daemon and the agents:
//   mesh-lab certificates DIR CLUSTER…        an authority, certificates and etcd client configurations; again: new certificates of the same authority
//   mesh-lab init DIR CLUSTER=ID[:BACKEND…]…  Cilium's users and roles at each cluster's etcd, and what its exporter writes
//   mesh-lab churn DIR RATE CLUSTER=ID…       changes endpoints at each etcd, so many per second
//   mesh-lab watch DIR CLUSTER…               an agent of before: watches every etcd itself
//   mesh-lab echo NAME PORT                   a backend: tells its name to whoever connects
//   mesh-lab connect ADDRESS PORT COUNT       a client: who answered how often
using System.Runtime.InteropServices;
using KvStoreMesh.MeshLab;

using var stop = new CancellationTokenSource();
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    switch (args)
    {
        case ["certificates", var directory, .. var clusters] when clusters.Length > 0:
            LabCertificates.Write(directory, clusters);
            return 0;
        case ["init", var directory, .. var clusters] when clusters.Length > 0:
            foreach (var cluster in clusters.Select(LabCluster.Parse))
            {
                await EtcdUsers.InitAsync(directory, cluster, stop.Token);
            }

            return 0;
        case ["churn", var directory, var rate, .. var clusters] when clusters.Length > 0:
            await Churn.RunAsync(directory, double.Parse(rate, System.Globalization.CultureInfo.InvariantCulture), [.. clusters.Select(LabCluster.Parse)], stop.Token);
            return 0;
        case ["watch", var directory, .. var clusters] when clusters.Length > 0:
            await DirectWatcher.RunAsync(directory, clusters, stop.Token);
            return 0;
        case ["echo", var name, var port]:
            await Echo.ServeAsync(name, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), stop.Token);
            return 0;
        case ["connect", var address, var port, var count]:
            return await Echo.ConnectAsync(address, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
        default:
            await Console.Error.WriteLineAsync("usage: mesh-lab certificates|init|churn|watch|echo|connect … (see lab/MeshLab/Program.cs)");
            return 1;
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
catch (Exception failure) when (failure is FormatException or IOException or Grpc.Core.RpcException)
{
    await Console.Error.WriteLineAsync($"mesh-lab: {failure.Message}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
