using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.MeshBench.Mock;
using KvStoreMesh.MeshBench.Processes;

namespace KvStoreMesh.MeshBench.Commands;

/// <summary><c>mock</c>: fills etcds with mock clusters and changes them.</summary>
internal static class MockCommand
{
    public static Command Create()
    {
        var configs = new Option<string[]>("--etcd-config")
        {
            Description = "etcd client configuration (YAML: endpoints, TLS files, user); give several to spread the clusters over them",
            Required = true,
        };
        var clusters = Number("--clusters", "How many clusters", 10);
        var prefix = new Option<string>("--name-prefix") { Description = "Cluster n is called PREFIX and three digits", DefaultValueFactory = _ => "cluster-" };
        var name = new Option<string?>("--cluster-name") { Description = "The name of a single cluster, in place of --name-prefix" };
        var firstId = Number("--first-cluster-id", "Id of the first cluster, the others follow", 1);
        var layout = new Option<MockLayout>("--layout")
        {
            Description = "Cached: as a mirror, any number of clusters in an etcd; State: as a cluster exports itself, one an etcd",
        };
        var nodes = Number("--nodes", "Nodes per cluster", 20);
        var identities = Number("--identities", "Identities per cluster", 100);
        var endpoints = Number("--endpoints", "Endpoints per cluster", 250);
        var services = Number("--services", "Services per cluster", 20);
        var rate = new Option<double>("--rate") { Description = "Changes a second over all clusters; 0 = fill only", DefaultValueFactory = _ => 0 };
        var seed = Number("--seed", "Equal seeds write equal content", 1);
        var control = new Option<bool>("--control") { Hidden = true };
        var command = new Command("mock", "Fill etcds with mock clusters in the shape of Cilium's, and churn them at a rate")
        {
            configs, clusters, prefix, name, firstId, layout, nodes, identities, endpoints, services, rate, seed, control,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var count = parsed.GetValue(clusters);
            var files = parsed.GetValue(configs)!;
            if (parsed.GetValue(layout) == MockLayout.State && files.Length != count)
            {
                throw new BenchException($"--layout State needs an etcd for each cluster: {count} clusters, {files.Length} times --etcd-config");
            }

            var shape = new MockShape(parsed.GetValue(nodes), parsed.GetValue(identities), parsed.GetValue(endpoints), parsed.GetValue(services));
            var mesh = new MockMesh(
                Enumerable.Range(0, count).Select(i => new MockCluster(
                    i,
                    parsed.GetValue(name) ?? $"{parsed.GetValue(prefix)}{i + 1:d3}",
                    parsed.GetValue(firstId) + i,
                    shape,
                    parsed.GetValue(layout))),
                MockWeights.ScaleTest,
                new Random(parsed.GetValue(seed)));
            try
            {
                await using var writer = await MockWriter.ConnectAsync(mesh, files, TimeProvider.System, cancellationToken);
                await (parsed.GetValue(control) ? ControlAsync(writer, cancellationToken) : RunAsync(writer, count, parsed.GetValue(rate), cancellationToken));
                return 0;
            }
            catch (StoreException e)
            {
                throw new BenchException(e.Message);
            }
        });
        return command;
    }

    private static async Task RunAsync(MockWriter writer, int clusters, double rate, CancellationToken cancellationToken)
    {
        var keys = await writer.FillAsync(cancellationToken);
        Console.WriteLine($"{clusters} clusters, {keys} keys written");
        if (rate > 0)
        {
            using var progress = new Timer(_ => Console.WriteLine($"{writer.Written} changes written, {writer.Pending} waiting for the etcds"), null, 2_000, 2_000);
            await writer.ChurnAsync(rate, cancellationToken);
        }
    }

    private static async Task ControlAsync(MockWriter writer, CancellationToken cancellationToken)
    {
        var keys = 0;
        var churn = Task.CompletedTask;
        var stop = new CancellationTokenSource();
        await ControlLoop.RunAsync(
            async words =>
            {
                var started = Stopwatch.GetTimestamp();
                switch (words[0])
                {
                    case "fill":
                        keys = await writer.FillAsync(cancellationToken);
                        break;
                    case "churn":
                        stop = new CancellationTokenSource();
                        churn = writer.ChurnAsync(double.Parse(words[1], CultureInfo.InvariantCulture), stop.Token);
                        break;
                    case "rest":
                        await stop.CancelAsync();
                        await churn;
                        await writer.DrainAsync(cancellationToken);
                        break;
                    case "burst":
                        await writer.BurstAsync(int.Parse(words[1], CultureInfo.InvariantCulture), cancellationToken);
                        break;
                    case "sequence":
                        await writer.PutInSequenceAsync(int.Parse(words[1], CultureInfo.InvariantCulture), cancellationToken);
                        break;
                    case "transact":
                        await writer.TransactAsync(int.Parse(words[1], CultureInfo.InvariantCulture), cancellationToken);
                        break;
                    case "issue":
                        await writer.IssueAsync(int.Parse(words[1], CultureInfo.InvariantCulture), cancellationToken);
                        break;
                }

                return new MockStatus(keys, writer.Written, writer.Pending, writer.Revision, Stopwatch.GetElapsedTime(started).TotalSeconds);
            },
            cancellationToken);
        await stop.CancelAsync();
        await churn;
        stop.Dispose();
    }

    private static Option<int> Number(string name, string description, int otherwise) =>
        new(name) { Description = $"{description} (default {otherwise})", DefaultValueFactory = _ => otherwise };
}
