using System.CommandLine;
using KvStoreMesh.Replicator.Hosting;
using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.Commands;

/// <summary><c>kvstoremesh run</c>: the daemon.</summary>
internal static class RunCommand
{
    private static readonly (string Name, string Description)[] Flags =
    [
        ("--cluster-name", "Name of the cluster this daemon runs in"),
        ("--cluster-id", "Id of that cluster, 1 to 255 (511 with --max-connected-clusters=511)"),
        ("--max-connected-clusters", "255 (default) or 511"),
        ("--clustermesh-config", "Directory with one etcd client configuration per remote cluster; the file's name is the cluster's"),
        ("--local-state", "etcd client configuration of the local cluster, to send its state to the agents too"),
        ("--cluster-max-keys", "Keys to hold of each remote cluster; one with more stands still until it has fewer (default 0: no limit)"),
        ("--cluster-max-bytes", "The same in bytes of names and values (default 0: no limit)"),
        ("--listen", $"Address of the stream to the node agents (default {DaemonOptions.DefaultListen})"),
        ("--tls-cert-file", "Certificate of the stream, PEM"),
        ("--tls-key-file", "Key of the certificate, PEM"),
        ("--tls-client-ca-file", "CA of the agents' certificates, PEM"),
        ("--http", $"Address of status, health and metrics (default {DaemonOptions.DefaultHttp})"),
        ("--prometheus-serve-addr", "Cilium's name for it: another address, in place of the default of --http"),
        ("--health-port", "One more port for /healthz and /readyz, on every address"),
        ("--api-serve-addr", "One more address for /v1/cluster"),
        ("--global-ready-timeout", "Ready at the latest after it (default 10m)"),
        ("--per-cluster-ready-timeout", "A cluster that shows no config for it does not hold up readiness (default 15s)"),
        ("--log-format", "text (default) or json"),
        ("--otlp-endpoint", "OTLP collector of traces and metrics, by HTTP, e.g. http://127.0.0.1:4318 (default: none)"),
    ];

    private static readonly (string Name, string Description)[] Switches =
    [
        ("--allow-plaintext", "Serve the stream without TLS to other machines"),
        ("--debug", "Log for debugging too"),
    ];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("run", "Mirror the remote clusters and serve them to node agents");
        foreach (var (name, description) in Flags.Concat(SinkFlags.All).Concat(StateFlags.All))
        {
            command.Add(new Option<string[]>(name) { Description = description, Arity = ArgumentArity.OneOrMore });
        }

        foreach (var (name, description) in Switches)
        {
            command.Add(new Option<string[]>(name) { Description = description, Arity = ArgumentArity.ZeroOrMore });
        }

        foreach (var flag in CiliumFlag.All)
        {
            command.Add(new Option<string[]>(flag.Name) { Hidden = true, Arity = ArgumentArity.ZeroOrMore });
        }

        command.SetAction((result, cancellationToken) => DaemonHost.RunAsync(Read(command, result).ToOptions(), cancellationToken));
        return command;
    }

    private static RunFlags Read(Command command, ParseResult result)
    {
        var values = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var option in command.Options.OfType<Option<string[]>>())
        {
            if (result.GetResult(option) is { Implicit: false } given)
            {
                string[] tokens = [.. given.Tokens.Select(token => token.Value)];
                values[option.Name] = tokens.Length == 0 ? ["true"] : tokens;
            }
        }

        if (Environment.GetEnvironmentVariable(StateFlags.Variable) is { Length: > 0 } connection)
        {
            values[StateFlags.Variable] = [connection];
        }

        return new RunFlags(values);
    }
}
