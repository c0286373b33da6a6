using System.CommandLine;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>Options that several commands have.</summary>
internal static class SharedOptions
{
    public static Option<string> Socket() => new("--socket")
    {
        Description = "The agent's Unix socket",
        DefaultValueFactory = _ => new RunOptions().Socket,
    };

    public static Option<string> Output()
    {
        var option = new Option<string>("--output", "-o") { Description = "text or json", DefaultValueFactory = _ => "text" };
        option.AcceptOnlyFromAmong("text", "json");
        return option;
    }

    public static bool IsJson(this ParseResult parsed, Option<string> output) => parsed.GetValue(output) == "json";
}
