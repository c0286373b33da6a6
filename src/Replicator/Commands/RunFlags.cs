using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.Health;
using KvStoreMesh.Replicator.Options;
using KvStoreMesh.Replicator.Tracing;

namespace KvStoreMesh.Replicator.Commands;

/// <summary>
/// Turns the flags of <c>kvstoremesh run</c> into <see cref="DaemonOptions"/>. Pure but for the existence of named files.
/// </summary>
internal sealed class RunFlags
{
    private readonly FlagValues _values;
    private readonly SinkFlags _sink;
    private readonly StateFlags _state;

    /// <summary>Takes what was given.</summary>
    /// <param name="values">Each given flag with its values, in order; a flag without a value has <c>true</c>.</param>
    public RunFlags(IReadOnlyDictionary<string, IReadOnlyList<string>> values)
    {
        _values = new FlagValues(values);
        _sink = new SinkFlags(_values);
        _state = new StateFlags(_values);
    }

    /// <summary>Validates.</summary>
    /// <exception cref="OptionException">The first flag that is wrong.</exception>
    public DaemonOptions ToOptions()
    {
        var cluster = LocalCluster(out var id, out var max);
        var directory = _values.ExistingDirectory("--clustermesh-config");
        var localState = _values.ExistingFile("--local-state");
        if (directory is null && localState is null)
        {
            throw new OptionException("--clustermesh-config", "is required: the directory with one etcd configuration per remote cluster");
        }

        var listen = _values.Address("--listen") ?? DaemonOptions.DefaultListen;
        var defaults = new ReadinessOptions();
        return new DaemonOptions
        {
            ClusterConfigs = new ClusterConfigOptions
            {
                Directory = directory,
                LocalStateFile = localState,
                LocalCluster = cluster,
                LocalClusterId = id,
                MaxConnectedClusters = max,
            },
            Quota = new SourceQuota(_values.Limit("--cluster-max-keys"), _values.Limit("--cluster-max-bytes")),
            Listen = listen,
            Tls = Tls(listen),
            Http = Http(),
            Readiness = new ReadinessOptions
            {
                GlobalTimeout = _values.Duration("--global-ready-timeout") ?? defaults.GlobalTimeout,
                PerClusterTimeout = _values.Duration("--per-cluster-ready-timeout") ?? defaults.PerClusterTimeout,
            },
            LogFormat = _values.Last("--log-format") switch
            {
                null or "text" => LogFormat.Text,
                "json" => LogFormat.Json,
                _ => throw new OptionException("--log-format", "must be text or json"),
            },
            Tracing = Tracing(),
            Debug = _values.Flag("--debug"),
            Sink = _sink.ToOptions(),
            State = _state.ToOptions(),
            WithoutEffect = WithoutEffect(),
        };
    }

    private ClusterName LocalCluster(out uint id, out uint max)
    {
        if (!ClusterName.TryParse(_values.Last("--cluster-name"), out var name, out var rule))
        {
            throw new OptionException("--cluster-name", $"{rule} (the name of the cluster this daemon runs in)");
        }

        max = _values.Last("--max-connected-clusters") switch
        {
            null or "" or "255" => 255U,
            "511" => 511U,
            _ => throw new OptionException("--max-connected-clusters", "must be 255 or 511"),
        };
        if (!uint.TryParse(_values.Last("--cluster-id"), out id) || id < 1 || id > max)
        {
            throw new OptionException("--cluster-id", $"must be a number from 1 to {max}, unique in the mesh");
        }

        return name.Value == "default"
            ? throw new OptionException("--cluster-name", "'default' is reserved: give this cluster a name of its own")
            : name;
    }

    private TracingOptions? Tracing() => _values.Last("--otlp-endpoint") is not { Length: > 0 } text
        ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var collector) && collector.Scheme is "http" or "https"
            ? new TracingOptions(collector)
            : throw new OptionException("--otlp-endpoint", $"'{text}' must be a URL, e.g. http://127.0.0.1:4318");

    private StreamTlsOptions? Tls(ListenAddress listen)
    {
        string[] names = ["--tls-cert-file", "--tls-key-file", "--tls-client-ca-file"];
        var files = names.Select(_values.ExistingFile).ToArray();
        if (files.Any(file => file is not null))
        {
            var missing = Array.FindIndex(files, file => file is null);
            return missing < 0
                ? new StreamTlsOptions(files[0]!, files[1]!, files[2]!)
                : throw new OptionException(names[missing], $"is required too: {string.Join(", ", names)} go together (mutual TLS)");
        }

        return listen.IsLoopback || _values.Flag("--allow-plaintext")
            ? null
            : throw new OptionException(
                "--listen", $"{listen} can be reached from other machines: give {string.Join(", ", names)}, or --allow-plaintext");
    }

    private List<(string Option, ListenAddress Address)> Http()
    {
        var http = new List<(string, ListenAddress)>();
        foreach (var option in (string[])["--http", "--prometheus-serve-addr", "--api-serve-addr"])
        {
            if (_values.Address(option) is { } address)
            {
                http.Add((option, address));
            }
        }

        if (_values.Last("--health-port") is { Length: > 0 } port)
        {
            if (!ListenAddress.TryParse(":" + port, out var address))
            {
                throw new OptionException("--health-port", "must be a port number");
            }

            http.Add(("--health-port", address!));
        }

        // Cilium's metrics port is our default too: whoever names it has it there.
        if (http.TrueForAll(entry => entry.Item1 is not ("--http" or "--prometheus-serve-addr")))
        {
            http.Insert(0, ("--http", DaemonOptions.DefaultHttp));
        }

        return http;
    }

    private List<string> WithoutEffect()
    {
        var given = new List<string>();
        foreach (var flag in CiliumFlag.All)
        {
            foreach (var value in _values.All(flag.Name))
            {
                if (flag.Only is { } only && !only.Contains(value))
                {
                    throw new OptionException(
                        flag.Name, $"'{value}' asks for something this version does not do; only {string.Join(" or ", only.Take(2))}");
                }

                given.Add(flag.Name);
            }
        }

        given.AddRange(_sink.WithoutEffect());
        return [.. given.Distinct()];
    }
}
