using KvStoreMesh.Replicator.ClusterConfigs;
using Microsoft.AspNetCore.Http.Features;

namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>The routes of the page: <c>/</c>, its two files, and <c>/events</c>.</summary>
internal static class StatusPageEndpoints
{
    // Nothing inline, nothing from elsewhere: even markup that slipped through would run nothing and send nothing.
    private const string Policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Maps them.</summary>
    public static void MapStatusPage(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var (frames, viewers) = (services.GetRequiredService<PageFrames>(), services.GetRequiredService<PageViewers>());
        var cluster = services.GetRequiredService<ClusterConfigOptions>().LocalCluster.Value;
        routes.MapGet("/", (HttpContext context) =>
        {
            Guard(context.Response);
            context.Response.ContentType = "text/html; charset=utf-8";
            return context.Response.WriteAsync(PageView.Of(cluster, frames.Latest().Content), context.RequestAborted);
        });
        routes.MapAsset("/status.css", PageAsset.Read("status.css", "text/css; charset=utf-8"));
        routes.MapAsset("/status.js", PageAsset.Read("status.js", "text/javascript; charset=utf-8"));
        routes.MapGet("/events", (HttpContext context) =>
        {
            Guard(context.Response);
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            return viewers.ServeAsync(context);
        });
    }

    private static void MapAsset(this IEndpointRouteBuilder routes, string path, PageAsset asset) => routes.MapGet(path, (HttpContext context) =>
    {
        Guard(context.Response);
        context.Response.Headers.ETag = asset.Tag;
        if (context.Request.Headers.IfNoneMatch == asset.Tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        context.Response.ContentType = asset.ContentType;
        return context.Response.Body.WriteAsync(asset.Bytes, context.RequestAborted).AsTask();
    });

    private static void Guard(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-cache";
    }
}
