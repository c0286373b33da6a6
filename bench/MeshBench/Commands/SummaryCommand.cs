using System.CommandLine;
using System.Globalization;
using System.Text;
using KvStoreMesh.MeshBench.Results;

namespace KvStoreMesh.MeshBench.Commands;

/// <summary><c>summary</c>: one page on several runs: every budget, and what was measured.</summary>
internal static class SummaryCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "What --json wrote" };
        var command = new Command("summary", "Print one page on the results of several scenarios: budgets met and missed") { files };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var reports = new List<ScenarioReport>();
            foreach (var file in parsed.GetValue(files)!)
            {
                reports.Add(ScenarioReport.FromJson(await File.ReadAllTextAsync(file, cancellationToken)));
            }

            Console.Write(Page(reports));
            return 0;
        });
        return command;
    }

    private static string Page(List<ScenarioReport> reports)
    {
        var page = new StringBuilder();
        page.AppendLine("# Results\n");
        page.AppendLine("Written by `bench/run-all.sh`, which repeats them. Ratios within one run decide; absolutes depend on the machine and on who else used it:");
        page.AppendLine("a load average well above 0.5 at the start of a run means that others did. Each scenario has its tables and its JSON beside this file.\n");
        foreach (var report in reports)
        {
            var machine = report.Machine;
            page.AppendLine(CultureInfo.InvariantCulture, $"## [{report.Scenario}]({report.Scenario}.md)\n");
            page.AppendLine(CultureInfo.InvariantCulture, $"{machine.Cpu}, {machine.Runtime}, {machine.Etcd}, load average {machine.LoadAtStart:0.00} at the start; {(report.IsSound ? "nothing lost" : "**content was lost**")}.\n");
            MarkdownReport.Table(
                page, ["budget", "limit", "measured", "unit", "met"],
                report.Budgets.Select(line => (object?[])[line.What, line.Limit, line.Measured, line.Unit, Verdict(line)]));
            MarkdownReport.Table(page, ["ratio", "value"], report.Ratios.Select(ratio => (object?[])[ratio.Key, ratio.Value]));
        }

        return page.ToString().TrimEnd() + "\n";
    }

    private static string Verdict(BudgetLine line) => line.Met
        ? "yes"
        : string.Create(CultureInfo.InvariantCulture, $"**no**, {Math.Max(line.Measured, line.Limit) / Math.Max(1e-9, Math.Min(line.Measured, line.Limit)):0.#}× off");
}
