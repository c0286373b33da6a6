using Grpc.Core;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Protos.V1;
using CoreKind = KvStoreMesh.Core.Keys.ResourceKind;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>Which Hello is accepted, and on what terms. Wishes are brought within bounds, contradictions are refused.</summary>
internal sealed class HelloRules(FanoutOptions options)
{
    /// <summary>The only version of the protocol so far.</summary>
    public const uint Protocol = 1;

    /// <summary>The longest node name: that of a DNS name.</summary>
    public const int MaxNodeName = 253;

    /// <summary>The longest instance id, characters.</summary>
    public const int MaxInstance = 128;

    /// <summary>The most clusters a subscriber may name: Cilium's largest mesh twice.</summary>
    public const int MaxClusters = 1024;

    /// <summary>Agrees, or throws the refusal.</summary>
    /// <exception cref="RpcException">The refusal: its detail says what is wrong and what to do.</exception>
    public Subscription Agree(Hello hello)
    {
        if (hello.ProtocolMin > hello.ProtocolMax)
        {
            throw Refuse(StatusCode.InvalidArgument, $"protocol_min {hello.ProtocolMin} is above protocol_max {hello.ProtocolMax}");
        }

        if (hello.ProtocolMax < Protocol || hello.ProtocolMin > Protocol)
        {
            var older = hello.ProtocolMax < Protocol ? "agent" : "daemon";
            throw Refuse(
                StatusCode.FailedPrecondition,
                $"no common protocol version: the agent speaks {hello.ProtocolMin} to {hello.ProtocolMax}, "
                + $"this daemon {Protocol}; update the {older}");
        }

        Require(IsName(hello.NodeName, 1, MaxNodeName), $"node_name must be 1 to {MaxNodeName} visible ASCII characters");
        Require(IsName(hello.InstanceId, 0, MaxInstance), $"instance_id must be at most {MaxInstance} visible ASCII characters");
        var (minBeat, maxBeat) = options.HeartbeatBounds;
        var heartbeat = hello.HeartbeatMs == 0
            ? options.Heartbeat
            : TimeSpan.FromMilliseconds(Math.Clamp(hello.HeartbeatMs, minBeat.TotalMilliseconds, maxBeat.TotalMilliseconds));
        return new Subscription(
            hello.NodeName,
            hello.InstanceId,
            Protocol,
            Within(hello.MaxFrameBytes, options.FrameBytes, options.FrameBytesBounds),
            Within(hello.ReceiveBudgetBytes, options.ReceiveBudgetBytes, options.ReceiveBudgetBytesBounds),
            heartbeat,
            StreamFeatures.Known.And(hello.Features),
            FilterOf(hello));
    }

    private static SubscriberFilter FilterOf(Hello hello)
    {
        Require(hello.Clusters.Count <= MaxClusters, $"{hello.Clusters.Count} clusters, more than {MaxClusters}");
        Require(hello.Resources.Count <= MaxClusters, $"{hello.Resources.Count} resources, more than {MaxClusters}");
        var clusters = new HashSet<ClusterName>();
        foreach (var name in hello.Clusters)
        {
            Require(ClusterName.TryParse(name, out var cluster, out var error), $"clusters: {error}");
            clusters.Add(cluster);
        }

        // Of a later protocol's resources there is nothing to send; who wants only those gets none, not all.
        var kinds = hello.Resources.Select(kind => (CoreKind)kind).Where(Enum.IsDefined).Append(CoreKind.ClusterConfig).ToHashSet();
        var isAll = hello.Resources.Count == 0 || kinds.Count == Enum.GetValues<CoreKind>().Length;
        return clusters.Count == 0 && isAll
            ? SubscriberFilter.Everything
            : new SubscriberFilter(clusters, isAll ? ResourceSet.All : ResourceSet.Of(kinds));
    }

    private static int Within(uint wish, int otherwise, (int Min, int Max) bounds) =>
        wish == 0 ? otherwise : (int)Math.Clamp(wish, (uint)bounds.Min, (uint)bounds.Max);

    private static bool IsName(string text, int minLength, int maxLength) =>
        text.Length >= minLength && text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw Refuse(StatusCode.InvalidArgument, rule);
        }
    }

    private static RpcException Refuse(StatusCode code, string detail) => new(new Status(code, detail));
}
