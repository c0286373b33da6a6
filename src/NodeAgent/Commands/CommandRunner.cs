namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>Runs a command's work; what fails becomes one line and the exit code 1.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(Func<Task> work, TextWriter errors)
    {
        try
        {
            await work();
            return 0;
        }
        catch (IOException failure)
        {
            await errors.WriteLineAsync($"node-agent: {failure.Message}");
            return 1;
        }
        catch (UnauthorizedAccessException failure)
        {
            await errors.WriteLineAsync($"node-agent: {failure.Message} (are you root?)");
            return 1;
        }
    }
}
