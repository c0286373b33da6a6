using System.CommandLine;
using System.Diagnostics;
using KvStoreMesh.MeshBench.Processes;
using KvStoreMesh.MeshBench.Results;
using KvStoreMesh.MeshBench.Scenarios;

namespace KvStoreMesh.MeshBench.Commands;

/// <summary>The command of a scenario.</summary>
internal static class ScenarioCommand
{
    public static Command Create(IScenario scenario)
    {
        var quick = new Option<bool>("--quick") { Description = "Small and short: ends within 30 s" };
        var json = new Option<string?>("--json") { Description = "Write the results to this file, JSON" };
        var markdown = new Option<string?>("--markdown") { Description = "Write the results to this file, as tables" };
        var daemon = new Option<string?>("--daemon") { Description = "The kvstoremesh program to measure (default: the one built beside this)" };
        var agent = new Option<string?>("--node-agent") { Description = "The node-agent program to measure (default: the one built beside this)" };
        var options = scenario.Parameters.ToDictionary(
            parameter => parameter,
            parameter => new Option<string?>($"--{parameter.Name}")
            {
                Description = $"{parameter.Description} (default {parameter.Default}; --quick {parameter.Quick})",
            });
        var command = new Command(scenario.Name, scenario.Description) { quick, json, markdown, daemon, agent };
        foreach (var option in options.Values)
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            Programs.Daemon = parsed.GetValue(daemon) ?? Programs.Daemon;
            Programs.NodeAgent = parsed.GetValue(agent) ?? Programs.NodeAgent;
            var isQuick = parsed.GetValue(quick);
            var report = new ScenarioReport
            {
                Scenario = scenario.Name,
                Machine = MachineLine.Read(await EtcdVersionAsync(cancellationToken)),
                Parameters = options.ToDictionary(
                    option => option.Key.Name,
                    option => parsed.GetValue(option.Value) ?? (isQuick ? option.Key.Quick : option.Key.Default)),
            };
            using var workspace = new Workspace();
            await scenario.RunAsync(new ScenarioRun(report, workspace, cancellationToken));
            return await WriteAsync(report, parsed.GetValue(json), parsed.GetValue(markdown), cancellationToken);
        });
        return command;
    }

    private static async Task<int> WriteAsync(ScenarioReport report, string? json, string? markdown, CancellationToken cancellationToken)
    {
        if (json is not null)
        {
            await File.WriteAllTextAsync(json, report.ToJson() + "\n", cancellationToken);
        }

        var page = MarkdownReport.Of(report);
        if (markdown is not null)
        {
            await File.WriteAllTextAsync(markdown, page, cancellationToken);
            if (report.Plot is not null)
            {
                await File.WriteAllTextAsync(Path.ChangeExtension(markdown, ".svg"), report.Plot, cancellationToken);
            }
        }

        Console.WriteLine(page);
        if (!report.IsSound)
        {
            await Console.Error.WriteLineAsync("meshbench: content was lost: some subscriber differs from the source, see the column 'lost'");
        }

        return report.IsSound ? 0 : 1;
    }

    private static async Task<string> EtcdVersionAsync(CancellationToken cancellationToken)
    {
        using var etcd = Process.Start(new ProcessStartInfo(Programs.Etcd, "--version") { RedirectStandardOutput = true })
            ?? throw new BenchException("etcd cannot be started");
        var line = await etcd.StandardOutput.ReadLineAsync(cancellationToken);
        await etcd.WaitForExitAsync(cancellationToken);
        return (line ?? "etcd").Replace("etcd Version: ", "etcd ", StringComparison.Ordinal);
    }
}
