using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Monitor;
using KvStoreMesh.NodeAgent.Policy;
using KvStoreMesh.NodeAgent.Status;
using KvStoreMesh.NodeAgent.Subscription;

namespace KvStoreMesh.NodeAgent.LocalApi;

/// <summary>Answers <c>node-agent</c>'s commands on a Unix socket that only its owner may use.</summary>
internal sealed class LocalApiServer(ApplyLoop loop, MeshSubscription subscription, DropMonitor monitor)
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

            if (Directory.Exists(path))
            {
                throw new IOException($"--socket {path} is a directory; give the path of a socket");
            }

            if (File.Exists(path))
            {
                RefuseFile(path);
                using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                probe.Connect(new UnixDomainSocketEndPoint(path));
                throw new IOException($"another node-agent listens on {path}; stop it, or give another --socket");
            }
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
        catch (SocketException failure)
        {
            throw new IOException($"--socket {path}: {failure.Message}", failure);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException($"--socket {path}: {denied.Message}", denied);
        }
    }

    /// <summary>Starts to listen, for the owner of the process only.</summary>
    /// <exception cref="IOException">The socket cannot be made.</exception>
    public static async Task BindAsync(WebApplication app, string path)
    {
        try
        {
            await app.StartAsync();
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
        catch (SocketException failure)
        {
            throw new IOException($"--socket {path} cannot be made; is its directory writable? ({failure.Message})", failure);
        }
    }

    /// <summary>A socket cannot be opened as a file; what can be is somebody's file, and refuses a connection just as a dead socket does.</summary>
    private static void RefuseFile(string path)
    {
        try
        {
            // For writing as well: a pipe would wait for its other end.
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
        }
        catch (IOException)
        {
            return;
        }

        throw new IOException($"--socket {path} is a file, no socket; remove it, or give another --socket");
    }

    /// <summary>Answers a request.</summary>
    public Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        LocalApiPaths.Status => WriteAsync(
            context,
            agent => agent.Status().With(subscription.Status),
            StatusJson.Default.AgentStatus),
        LocalApiPaths.Services => WriteAsync(context, agent => agent.ServiceList(), StatusJson.Default.IReadOnlyListServiceStatus),
        LocalApiPaths.Identities => WriteAsync(context, agent => agent.IdentityList(), StatusJson.Default.IReadOnlyListIdentityStatus),
        LocalApiPaths.Nodes => WriteAsync(context, agent => agent.NodeList(), StatusJson.Default.IReadOnlyListNodeStatus),
        LocalApiPaths.Endpoints => WriteAsync(context, agent => agent.EndpointList(), StatusJson.Default.IReadOnlyListEndpointStatus),
        LocalApiPaths.Policy => WriteAsync(context, agent => agent.Status().Policy, StatusJson.Default.PolicyStatus),
        LocalApiPaths.PolicyTrace => TraceAsync(context),
        LocalApiPaths.Monitor => monitor.StreamAsync(context.Response, context.RequestAborted),
        LocalApiPaths.Why => WriteAsync(
            context,
            agent => agent.Why(context.Request.Query["service"].ToString()) is { } why ? (IReadOnlyList<WhyStatus>)[why] : [],
            StatusJson.Default.IReadOnlyListWhyStatus),
        _ => NotFound(context),
    };

    private async Task TraceAsync(HttpContext context)
    {
        var query = new TraceQuery(Value("src"), Value("dst"), Value("dport"));
        var (answer, error) = await loop.AskAsync(agent => Try(agent, query), context.RequestAborted);
        if (error is not null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(error, context.RequestAborted);
            return;
        }

        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, answer, StatusJson.Default.TraceStatus, context.RequestAborted);

        string Value(string name) => context.Request.Query[name].ToString();

        // What the operator got wrong must not end the loop, as any other exception does.
        static (TraceStatus?, string?) Try(MeshAgent agent, TraceQuery query)
        {
            try
            {
                return (agent.Trace(query), null);
            }
            catch (FormatException wrong)
            {
                return (null, wrong.Message);
            }
        }
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private async Task WriteAsync<T>(HttpContext context, Func<MeshAgent, T?> question, JsonTypeInfo<T> type)
    {
        var answer = await loop.AskAsync(question, context.RequestAborted);
        if (answer is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("this agent enforces no policy; start it with --endpoints-dir", context.RequestAborted);
            return;
        }

        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, answer, type, context.RequestAborted);
    }
}
