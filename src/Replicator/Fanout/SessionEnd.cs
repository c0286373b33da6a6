using Grpc.Core;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>Why a session ended.</summary>
/// <param name="Reason">One of few words, for metrics and logs.</param>
/// <param name="Status">What the subscriber is told.</param>
/// <param name="Resets">The stream is reset: the subscriber takes no bytes, so no status either.</param>
internal sealed record SessionEnd(string Reason, Status Status, bool Resets = false)
{
    /// <summary>The subscriber closed its side, or went away.</summary>
    public static SessionEnd ByPeer { get; } = new("peer", Status.DefaultSuccess);

    /// <summary>The daemon said GoAway.</summary>
    public static SessionEnd Drained { get; } = new("drained", Status.DefaultSuccess);

    /// <summary>The daemon failed; the detail is in its log.</summary>
    public static SessionEnd Failed { get; } =
        new("failed", new Status(StatusCode.Internal, "the daemon failed to serve this stream; its log has the cause"));

    /// <summary>The subscriber owes an ack or takes no bytes, for too long.</summary>
    public static SessionEnd NoProgress(TimeSpan limit) => new(
        "no-progress",
        new Status(StatusCode.DeadlineExceeded, $"no ack and no byte accepted for {limit.TotalSeconds:0.#} s"),
        Resets: true);

    /// <summary>The subscriber broke a rule of the protocol.</summary>
    public static SessionEnd Violation(string detail) => new("violation", new Status(StatusCode.InvalidArgument, detail));
}
