using System.CommandLine;
using System.Reflection;

namespace KvStoreMesh.Replicator.Commands;

/// <summary><c>kvstoremesh version</c>, the same as <c>--version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>The version of this build.</summary>
    public static string Version =>
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("version", "Show the version");
        command.SetAction(_ => Console.Out.WriteLine(Version));
        return command;
    }
}
