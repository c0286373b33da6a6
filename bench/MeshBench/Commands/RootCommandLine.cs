using System.CommandLine;
using KvStoreMesh.MeshBench.Processes;
using KvStoreMesh.MeshBench.Scenarios;

namespace KvStoreMesh.MeshBench.Commands;

/// <summary>The command line.</summary>
internal static class RootCommandLine
{
    public static async Task<int> InvokeAsync(string[] args)
    {
        var root = new RootCommand("Measures KvStoreMesh against what else there is: each scenario runs its baselines too and verifies all content")
        {
            MockCommand.Create(),
            SubscribeCommand.Create(),
            ListCommand.Create(),
            SummaryCommand.Create(),
        };
        foreach (var scenario in ScenarioList.All)
        {
            root.Add(ScenarioCommand.Create(scenario));
        }

        try
        {
            return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is BenchException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"meshbench: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }
}
