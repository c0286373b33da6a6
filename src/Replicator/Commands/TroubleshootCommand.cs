using System.CommandLine;
using System.Text.Json;
using KvStoreMesh.Replicator.Troubleshoot;

namespace KvStoreMesh.Replicator.Commands;

/// <summary><c>kvstoremesh troubleshoot [cluster…]</c>: why a cluster cannot be mirrored, with or without a running daemon.</summary>
internal static class TroubleshootCommand
{
    /// <summary>The command.</summary>
    public static Command Create(TimeProvider time)
    {
        var clusters = new Argument<string[]>("cluster") { Description = "Only these clusters", Arity = ArgumentArity.ZeroOrMore };
        var http = StatusCommand.DaemonOption();
        var directory = new Option<string>("--clustermesh-config")
        {
            Description = $"Directory of remote clusters (default: the running daemon's, else {Troubleshooter.DefaultDirectory})",
        };
        var localState = new Option<string>("--local-state") { Description = "etcd client configuration of the local cluster, to look at it too" };
        var cluster = new Option<string>("--cluster-name") { Description = "Name of the local cluster (default: the running daemon's)" };
        var id = new Option<uint>("--cluster-id") { Description = "Id of the local cluster, to compare it with the others" };
        var timeout = new Option<string>("--timeout") { Description = "For each step that waits for a peer", DefaultValueFactory = _ => "5s" };
        var output = new Option<string>("--output", "-o") { Description = "text or json", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("troubleshoot", "Walk each remote cluster through DNS, TCP, TLS, authentication, permissions and content, and say what to do")
        {
            clusters, http, directory, localState, cluster, id, timeout, output,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = new TroubleshootOptions
            {
                Only = result.GetValue(clusters) ?? [],
                Directory = result.GetValue(directory),
                LocalState = result.GetValue(localState),
                LocalCluster = result.GetValue(cluster),
                LocalClusterId = result.GetValue(id),
                Timeout = StatusCommand.Duration("--timeout", result.GetRequiredValue(timeout)),
                Daemon = result.GetRequiredValue(http),
            };
            var report = await new Troubleshooter(options, time).RunAsync(cancellationToken);
            await Console.Out.WriteAsync(result.GetRequiredValue(output) == "json"
                ? JsonSerializer.Serialize(report, TroubleshootJson.Indented.TroubleshootReport) + "\n"
                : TroubleshootText.Of(report));
            return report.Count(Severity.Error) == 0 ? 0 : 1;
        });
        return command;
    }
}
