using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KvStoreMesh.MeshLab;

/// <summary>A backend that tells its name, and a client that counts who answered.</summary>
internal static class Echo
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Serves until told to stop.</summary>
    public static async Task ServeAsync(string name, int port, CancellationToken cancellationToken)
    {
        var answer = Encoding.UTF8.GetBytes($"{name}\n");
        using var listener = new TcpListener(IPAddress.Any, port);
        listener.Start();
        while (true)
        {
            using var client = await listener.AcceptSocketAsync(cancellationToken);
            try
            {
                await client.SendAsync(answer, cancellationToken);
            }
            catch (SocketException)
            {
                // It left before the answer.
            }
        }
    }

    /// <summary>Connects so often, one after the other; 0 if every connection was answered.</summary>
    public static async Task<int> ConnectAsync(string address, int port, int count)
    {
        var answers = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var who = await AskAsync(address, port);
            answers[who] = answers.GetValueOrDefault(who) + 1;
        }

        foreach (var (who, times) in answers)
        {
            Console.WriteLine($"{times,6} {who}");
        }

        return answers.Keys.Any(who => who.StartsWith("no answer", StringComparison.Ordinal)) ? 1 : 0;
    }

    private static async Task<string> AskAsync(string address, int port)
    {
        using var limit = new CancellationTokenSource(AnswerTimeout, TimeProvider.System);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address, port, limit.Token);
            using var reader = new StreamReader(client.GetStream());
            return await reader.ReadLineAsync(limit.Token) ?? "no answer: closed";
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or IOException)
        {
            return $"no answer: {(failure is OperationCanceledException ? "timeout" : failure.Message)}";
        }
    }
}
