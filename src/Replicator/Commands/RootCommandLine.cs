using System.CommandLine;
using KvStoreMesh.Replicator.Options;

namespace KvStoreMesh.Replicator.Commands;

/// <summary>The command line: what cannot be parsed or is refused ends in one line and exit code 1, never in a stack trace.</summary>
internal static class RootCommandLine
{
    /// <summary>Runs what the arguments ask for and returns the exit code.</summary>
    public static async Task<int> InvokeAsync(string[] arguments, TimeProvider time)
    {
        var root = new RootCommand("Mirrors the state of a mesh of Cilium clusters and serves it to node agents")
        {
            RunCommand.Create(),
            StatusCommand.Create(time),
            TroubleshootCommand.Create(time),
            DiagnoseCommand.Create(time),
            VersionCommand.Create(),
        };
        // `--flag=`, as Helm writes a value that is not set, means not given. The parser would take the next argument for it.
        var given = arguments.Where(argument => !(argument.StartsWith("--", StringComparison.Ordinal) && argument.EndsWith('=')));
        var parsed = root.Parse([.. given]);
        if (parsed.Errors.Count > 0)
        {
            return await FailAsync(string.Join("; ", parsed.Errors.Select(error => error.Message.ReplaceLineEndings(" "))));
        }

        try
        {
            // Signals are the host's to handle, exceptions ours.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (OptionException refused)
        {
            return await FailAsync(refused.Message);
        }
    }

    private static async Task<int> FailAsync(string line)
    {
        await Console.Error.WriteLineAsync($"kvstoremesh: {line}");
        return 1;
    }
}
