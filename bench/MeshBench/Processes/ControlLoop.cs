using System.Text.Json;

namespace KvStoreMesh.MeshBench.Processes;

/// <summary>
/// The child's side of the conversation with the scenario: a line of words in, one line of JSON out. The end of the input
/// ends the child, so that none outlives its scenario.
/// </summary>
internal static class ControlLoop
{
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Answers until the input ends.</summary>
    /// <param name="answer">A question's words → an object to be serialised. What it throws is answered as an error.</param>
    /// <param name="cancellationToken">Ends it too.</param>
    public static async Task RunAsync(Func<string[], Task<object>> answer, CancellationToken cancellationToken)
    {
        while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
        {
            object reply;
            try
            {
                reply = await answer(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }
#pragma warning disable CA1031 // Told to the scenario, which fails with it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                reply = new ControlError(failure.Message);
            }

            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(reply, reply.GetType(), Json));
            await Console.Out.FlushAsync(cancellationToken);
        }
    }
}
