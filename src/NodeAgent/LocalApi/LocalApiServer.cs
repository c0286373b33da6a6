using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Status;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.LocalApi;

/// <summary>Answers <c>node-agent status</c> and <c>service list</c> on a Unix socket that only its owner may use.</summary>
internal sealed class LocalApiServer(ApplyLoop loop, MeshSubscription subscription)
{
    /// <summary>Makes room for the socket: creates its directory and removes what a dead agent left.</summary>
    /// <exception cref="IOException">Another agent listens there, or the path cannot be used.</exception>
    public static void Prepare(string path)
    {
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } directory)
            {
                Directory.CreateDirectory(directory);
            }

            if (File.Exists(path))
            {
                using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                probe.Connect(new UnixDomainSocketEndPoint(path));
                throw new IOException($"another node-agent listens on {path}; stop it, or give another --socket");
            }
        }
        catch (SocketException)
        {
            File.Delete(path);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException($"--socket {path}: {denied.Message}", denied);
        }
    }

    /// <summary>Takes the socket from everyone but its owner, once it is bound.</summary>
    public static void Protect(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>Answers a request.</summary>
    public Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        LocalApiPaths.Status => WriteAsync(
            context,
            agent => agent.Status() with { Subscription = subscription.Status },
            StatusJson.Default.AgentStatus),
        LocalApiPaths.Services => WriteAsync(context, agent => agent.ServiceList(), StatusJson.Default.IReadOnlyListServiceStatus),
        _ => NotFound(context),
    };

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private async Task WriteAsync<T>(HttpContext context, Func<MeshAgent, T> question, JsonTypeInfo<T> type)
    {
        var answer = await loop.AskAsync(question, context.RequestAborted);
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, answer, type, context.RequestAborted);
    }
}
