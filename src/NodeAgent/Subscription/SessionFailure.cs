using Grpc.Core;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>Says in one line why a session or an attempt ended, with the way out where there is one.</summary>
internal static class SessionFailure
{
    public static string Describe(Uri server, Exception failure)
    {
        switch (failure)
        {
            case RpcException rpc when rpc.Status.DebugException is { } cause:
                return $"{server.Authority}: {Innermost(cause)}";
            case RpcException rpc:
                return rpc.StatusCode switch
                {
                    StatusCode.Unimplemented when rpc.Status.Detail.Contains("filter", StringComparison.Ordinal) => $"{server.Authority}: {rpc.Status.Detail}",
                    StatusCode.Unimplemented => $"{server.Authority}: it is no kvstoremesh daemon, or its address is that of another port ({rpc.Status.Detail})",
                    StatusCode.ResourceExhausted when rpc.Status.Detail.Contains("larger", StringComparison.Ordinal) =>
                        $"{server.Authority}: a frame larger than this agent takes ({rpc.Status.Detail})",
                    _ => $"{server.Authority}: {rpc.StatusCode}: {rpc.Status.Detail}",
                };
            default:
                return $"{server.Authority}: {failure.Message}";
        }
    }

    private static string Innermost(Exception cause)
    {
        while (cause.InnerException is { } inner)
        {
            cause = inner;
        }

        // What the HTTP client finds when the other end is gone already is its own disposed stream.
        return cause is ObjectDisposedException
            ? "it closes the connection at once; is it a kvstoremesh daemon, and with TLS as here?"
            : cause.Message;
    }
}
