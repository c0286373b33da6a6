using System.Net;
using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.Metrics;

/// <summary>Answers <c>/metrics</c> and <c>/healthz</c> by TCP, and nothing else: the local API is for the socket's owner.</summary>
internal sealed class MetricsEndpoint(ApplyLoop loop, MeshSubscription subscription)
{
    /// <summary>The option that names the address.</summary>
    public const string Option = "--prometheus-serve-addr";

    /// <summary>ADDRESS:PORT, or :PORT for every address.</summary>
    public static bool TryParse(string text, out IPEndPoint address) => text.StartsWith(':')
        ? IPEndPoint.TryParse($"[::]{text}", out address!) && address.Port > 0
        : IPEndPoint.TryParse(text, out address!) && address.Port > 0;

    /// <summary>The request came by TCP.</summary>
    public static bool IsFor(HttpContext context) => context.Connection.LocalIpAddress is not null;

    /// <summary>Answers.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/metrics":
                var status = await loop.AskAsync(agent => agent.Status(), context.RequestAborted);
                context.Response.ContentType = MetricsText.ContentType;
                await context.Response.WriteAsync(
                    AgentMetrics.Of(status.With(subscription.Status), ProcessSample.Take()), context.RequestAborted);
                break;
            case "/healthz":
                await context.Response.WriteAsync("ok\n", context.RequestAborted);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }
}
