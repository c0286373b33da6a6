using Grpc.Core;
using KvStoreMesh.Protos.V1;

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
        if (hello.Clusters.Count > 0 || hello.Resources.Count > 0)
        {
            throw Refuse(
                StatusCode.Unimplemented,
                "this daemon does not filter by clusters or resources; leave both empty to get everything");
        }

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
            heartbeat);
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
