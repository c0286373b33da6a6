using System.CommandLine;
using KvStoreMesh.NodeAgent.Datapath;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary><c>node-agent cleanup</c>: the only way in which programs are detached and maps go.</summary>
internal static class CleanupCommand
{
    public static Command Create()
    {
        var location = new BpfLocationOptions();
        var command = new Command("cleanup", "Detach the socket programs and remove the pinned maps: traffic to services is no longer steered")
        {
            location.Root, location.Prefix,
        };
        command.SetAction((parsed, _) => CommandRunner.RunAsync(
            async () =>
            {
                var options = new BpfDatapathOptions
                {
                    BpfFsRoot = parsed.GetValue(location.Root)!,
                    MapPrefix = parsed.GetValue(location.Prefix)!,
                };
                foreach (var line in BpfDatapath.Cleanup(options))
                {
                    await Console.Out.WriteLineAsync(line);
                }
            },
            Console.Error));
        return command;
    }
}
