namespace KvStoreMesh.Replicator.Health;

/// <summary>The probes.</summary>
internal static class HealthEndpoints
{
    /// <summary>
    /// Maps <c>/healthz</c>, which answers while the process does, and <c>/readyz</c> with Cilium's <c>Ready</c> or
    /// <c>NotReady</c> (500), followed by the clusters still waited for.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var gate = routes.ServiceProvider.GetRequiredService<ReadinessGate>();
        routes.MapGet("/healthz", () => "ok\n");
        routes.MapGet("/readyz", (HttpContext context) =>
        {
            var waiting = gate.Waiting();
            context.Response.StatusCode = waiting.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError;
            return context.Response.WriteAsync(
                waiting.Count == 0 ? "Ready\n" : $"NotReady\nwaiting for {string.Join(", ", waiting)}\n", context.RequestAborted);
        });
    }
}
