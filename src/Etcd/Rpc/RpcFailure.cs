using Grpc.Core;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Etcd.Rpc;

/// <summary>Says in an operator's words what a failed call means.</summary>
internal static class RpcFailure
{
    private const string Compacted = "required revision has been compacted";
    private const string Future = "required revision is a future revision";
    private static readonly string[] Unknown =
        ["etcdserver: user name is empty", "etcdserver: authentication failed", "etcdserver: user name not found"];

    /// <summary>Translates a failure.</summary>
    /// <param name="e">The failure.</param>
    /// <param name="phase">The phase it counts for if it has no better one of its own.</param>
    /// <param name="what">The key or range, as <see cref="Describe(SourceRange)"/> has it.</param>
    /// <param name="endpoint">The endpoint.</param>
    public static SourceException Translate(RpcException e, SourcePhase phase, string what, string endpoint)
    {
        var detail = e.Status.Detail;
        return e.StatusCode switch
        {
            StatusCode.PermissionDenied => Denied(what, endpoint, e),
            StatusCode.Unauthenticated => Refused(detail, endpoint, e),
            StatusCode.InvalidArgument when Unknown.Any(detail.StartsWith) => Refused(detail, endpoint, e),
            StatusCode.OutOfRange when detail.Contains(Compacted, StringComparison.Ordinal) => IsCompacted(phase, what, endpoint, e),
            StatusCode.OutOfRange when detail.Contains(Future, StringComparison.Ordinal) => new(
                SourcePhase.Protocol, $"{endpoint} has not reached the wanted revision of {what}: it was restored or replaced", e),
            StatusCode.Unimplemented => new(
                SourcePhase.Protocol, $"{endpoint} does not offer etcd's v3 API ({detail}): check what listens there", e),
            StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled when Cause(e) is { } cause =>
                new(phase, $"{what}: the connection to {endpoint} is lost ({cause})", e),
            StatusCode.Unavailable when detail.StartsWith("etcdserver:", StringComparison.Ordinal) =>
                new(phase, $"{what}: {endpoint} cannot answer ({detail}): its etcd cluster has lost its quorum or is overloaded", e),
            StatusCode.Cancelled => new(phase, $"{what}: the call to {endpoint} was ended ({detail})", e),
            _ => new(phase, $"{what}: {endpoint} answers: {detail} ({e.StatusCode})", e),
        };
    }

    /// <summary>The user may not read a range.</summary>
    public static SourceException Denied(string what, string endpoint, Exception? cause) => new(
        SourcePhase.Auth,
        $"{endpoint} does not permit to read {what}: grant this range to the user's role, or use another client certificate or user",
        cause);

    /// <summary>The wanted revision is gone.</summary>
    public static SourceException IsCompacted(SourcePhase phase, string what, string endpoint, Exception? cause) =>
        new(phase, $"{what}: the wanted revision is compacted at {endpoint}: list anew", cause) { IsCompacted = true };

    /// <summary>The caller's or the peer's message is above a size limit; as opposed to an overloaded etcd, which has the same status.</summary>
    public static bool IsMessageTooLarge(RpcException e) =>
        e.StatusCode == StatusCode.ResourceExhausted && !e.Status.Detail.StartsWith("etcdserver:", StringComparison.Ordinal);

    /// <summary>The token is no longer good, but a new one may be.</summary>
    public static bool IsTokenExpired(RpcException e) =>
        e.StatusCode == StatusCode.Unauthenticated
        || (e.StatusCode == StatusCode.InvalidArgument && e.Status.Detail.Contains("revision of auth store is old", StringComparison.Ordinal));

    /// <summary>A range in words.</summary>
    public static string Describe(SourceRange range) =>
        range.End.Length == 0 ? $"key '{range.Start}'" : $"keys '{range.Start}' to '{range.End}'";

    /// <summary>The innermost reason of a failure below gRPC; null if the peer itself answered with the status.</summary>
    public static string? Cause(RpcException e)
    {
        var cause = e.Status.DebugException;
        while (cause?.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause?.Message.TrimEnd('.');
    }

    private static SourceException Refused(string detail, string endpoint, Exception cause) => new(
        SourcePhase.Auth,
        $"{endpoint} does not know this client ({detail}): check username and password, or cert-file and key-file, in its configuration",
        cause);
}
