using System.Net;
using System.Threading.Channels;
using Grpc.Core;
using KvStoreMesh.Protos.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace KvStoreMesh.NodeAgent.Tests.Subscription;

/// <summary>A daemon on a loopback port whose every session a test drives by hand, over real HTTP/2.</summary>
internal sealed class FakeDaemon : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<FakeDaemonSession> _sessions = Channel.CreateUnbounded<FakeDaemonSession>();

    private FakeDaemon(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(_sessions.Writer);
        _app = builder.Build();
        _app.UseRouting();
        _app.MapGrpcService<Service>();
    }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<FakeDaemon> StartAsync(int port = 0)
    {
        var daemon = new FakeDaemon(port);
        await daemon._app.StartAsync();
        return daemon;
    }

    /// <summary>The next subscriber, its Hello read.</summary>
    public async Task<FakeDaemonSession> AcceptAsync() =>
        await _sessions.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public async ValueTask DisposeAsync()
    {
        while (_sessions.Reader.TryRead(out var session))
        {
            session.Close();
        }

        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private sealed class Service(ChannelWriter<FakeDaemonSession> sessions) : Mesh.MeshBase
    {
        public override async Task Subscribe(
            IAsyncStreamReader<ClientFrame> requestStream, IServerStreamWriter<ServerFrame> responseStream, ServerCallContext context)
        {
            await requestStream.MoveNext(context.CancellationToken);
            var session = new FakeDaemonSession(requestStream.Current.Hello, requestStream, responseStream, context.CancellationToken);
            sessions.TryWrite(session);
            await session.Closed;
        }
    }
}
