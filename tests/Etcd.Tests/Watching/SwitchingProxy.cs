using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KvStoreMesh.Etcd.Tests.Watching;

/// <summary>A load balancer of HTTP/2 calls: one connection of a client may reach different etcds.</summary>
internal sealed class SwitchingProxy : IAsyncDisposable
{
    private static readonly string[] Forwarded = ["te", "grpc-accept-encoding", "hasleader", "token"];

    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler());
    private volatile int _target;

    private SwitchingProxy(int target)
    {
        _target = target;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.Run(ForwardAsync);
    }

    public int Port => new Uri(_app.Urls.First()).Port;

    public static async Task<SwitchingProxy> StartAsync(int target)
    {
        var proxy = new SwitchingProxy(target);
        await proxy._app.StartAsync();
        return proxy;
    }

    /// <summary>Sends further calls there.</summary>
    public void SwitchTo(int target) => _target = target;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{_target}{context.Request.Path}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new FlushedContent(context.Request.Body, context.RequestAborted),
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", context.Request.ContentType);
        foreach (var name in Forwarded)
        {
            request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)context.Request.Headers[name]);
        }

        using var response = await _client.SendAsync(request, context.RequestAborted);
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        await context.Response.StartAsync(context.RequestAborted);
        var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        await CopyAsync(body, context.Response.Body, context.RequestAborted);
        foreach (var (name, values) in response.TrailingHeaders)
        {
            context.Response.AppendTrailer(name, string.Join(',', values));
        }
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await from.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await to.FlushAsync(cancellationToken);
        }
    }

    private sealed class FlushedContent(Stream body, CancellationToken cancellationToken) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => CopyAsync(body, stream, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
