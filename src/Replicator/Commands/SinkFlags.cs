using System.Globalization;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.Commands;

/// <summary>
/// The flags of the mirror in the local etcd. Cilium names its etcd by <c>--kvstore-opt etcd.config=FILE</c>, so the
/// command line of its Helm chart turns the mirror on.
/// </summary>
internal sealed class SinkFlags(FlagValues values)
{
    private const string KvStoreOpt = "--kvstore-opt";

    private static readonly string[] Honoured = ["etcd.config", "etcd.qps", "etcd.bootstrapQps", "etcd.maxInflight"];

    private static readonly string[] Accepted = ["etcd.address", "etcd.limit", "etcd.keepaliveHeartbeat", "etcd.keepaliveTimeout"];

    /// <summary>The flags, with what <c>--help</c> says.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } =
    [
        ("--etcd-sink", "etcd client configuration of the local etcd: mirror the remote clusters into it, for Cilium's own agents"),
        (KvStoreOpt, "Cilium's options of the local etcd, KEY=VALUE: etcd.config=FILE is --etcd-sink; etcd.qps, etcd.bootstrapQps, etcd.maxInflight limit it"),
        ("--kvstore-lease-ttl", "How long mirrored keys outlive the daemon, 25s to 24h (default 15m)"),
        ("--enable-heartbeat", "Write cilium/.heartbeat into the local etcd (default false)"),
        ("--clustermesh-cache-ttl", "Withdraw services of a lost cluster from the local etcd after it (default 0: never)"),
        ("--disable-drain-on-disconnection", "Leave a removed cluster's keys to their leases (default false)"),
    ];

    /// <summary>What they ask for; null without a local etcd.</summary>
    /// <exception cref="OptionException">One is wrong, or needs a local etcd.</exception>
    public EtcdSinkOptions? ToOptions()
    {
        var given = KvStoreOptions();
        var file = ConfigFile(given.GetValueOrDefault("etcd.config"));
        var ttl = values.Duration("--kvstore-lease-ttl");
        if (ttl is { } lease && (lease < TimeSpan.FromSeconds(25) || lease > TimeSpan.FromHours(24)))
        {
            throw new OptionException("--kvstore-lease-ttl", "must be from 25s to 24h");
        }

        var heartbeat = values.Flag("--enable-heartbeat");
        var drain = !values.Flag("--disable-drain-on-disconnection");
        var cacheTtl = values.Duration("--clustermesh-cache-ttl") ?? TimeSpan.Zero;
        if (file is null)
        {
            return heartbeat || cacheTtl > TimeSpan.Zero
                ? throw new OptionException(heartbeat ? "--enable-heartbeat" : "--clustermesh-cache-ttl", "needs --etcd-sink: it is about the local etcd")
                : null;
        }

        var defaults = new SinkOptions();
        return new EtcdSinkOptions(file, new SinkOptions
        {
            LeaseTtl = ttl ?? defaults.LeaseTtl,
            MaxInFlight = (int)(Positive(given, "etcd.maxInflight") ?? defaults.MaxInFlight),
            Qps = Positive(given, "etcd.qps"),
            BootstrapQps = Positive(given, "etcd.bootstrapQps"),
            Drain = drain,
            CacheTtl = cacheTtl,
            Heartbeat = heartbeat,
            ElectLeader = true,
        });
    }

    /// <summary>What was given and changes nothing.</summary>
    public IEnumerable<string> WithoutEffect() => KvStoreOptions().Keys.Where(Accepted.Contains).Select(key => $"{KvStoreOpt} {key}");

    private Dictionary<string, string> KvStoreOptions()
    {
        var given = new Dictionary<string, string>();
        foreach (var pair in values.All(KvStoreOpt))
        {
            var parts = pair.Split('=', 2);
            given[parts[0]] = parts.Length == 2 && (Honoured.Contains(parts[0]) || Accepted.Contains(parts[0]))
                ? parts[1]
                : throw new OptionException(
                    KvStoreOpt, $"'{parts[0]}' is not one of {string.Join(", ", Honoured.Concat(Accepted))}, as KEY=VALUE");
        }

        return given;
    }

    private string? ConfigFile(string? cilium)
    {
        var ours = values.ExistingFile("--etcd-sink");
        if (string.IsNullOrEmpty(cilium))
        {
            return ours;
        }

        if (ours is not null && ours != cilium)
        {
            throw new OptionException("--etcd-sink", $"names {ours}, and {KvStoreOpt} etcd.config names {cilium}: give one of them");
        }

        return File.Exists(cilium) ? cilium : throw new OptionException($"{KvStoreOpt} etcd.config", $"the file {cilium} does not exist");
    }

    private static double? Positive(Dictionary<string, string> given, string key)
    {
        if (!given.TryGetValue(key, out var text))
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1_000_000
            ? number
            : throw new OptionException($"{KvStoreOpt} {key}", $"'{text}' must be a number from 1 to 1000000");
    }
}
