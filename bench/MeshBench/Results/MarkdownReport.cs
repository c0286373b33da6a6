using System.Globalization;
using System.Text;

namespace KvStoreMesh.MeshBench.Results;

/// <summary>A report as a page of tables.</summary>
internal static class MarkdownReport
{
    private static readonly (string Title, Func<BenchResult, object?> Value)[] Columns =
    [
        ("system", r => r.System),
        ("phase", r => r.Phase),
        ("subscribers", r => r.Subscribers),
        ("events/s", r => r.EventsPerS),
        ("deliveries", r => r.Deliveries),
        ("CPU s", r => r.CpuSeconds),
        ("CPU µs/delivery", r => r.CpuUsPerDelivery),
        ("lag p50 ms", r => r.LagMs?.P50),
        ("p99 ms", r => r.LagMs?.P99),
        ("p999 ms", r => r.LagMs?.P999),
        ("RSS MB", r => r.RssMb),
        ("connections", r => r.Connections),
        ("watchers", r => r.Watchers),
        ("lost", r => r.Lost),
        ("duplicated", r => r.Duplicated),
    ];

    public static string Of(ScenarioReport report)
    {
        var text = new StringBuilder();
        var machine = report.Machine;
        text.AppendLine(CultureInfo.InvariantCulture, $"# {report.Scenario}\n");
        text.AppendLine(CultureInfo.InvariantCulture, $"{machine.Cpu}, {machine.MemoryGb} GB, Linux {machine.Kernel}, {machine.Runtime}, {machine.Etcd}; load average {machine.LoadAtStart:0.00} at the start.");
        text.AppendLine(CultureInfo.InvariantCulture, $"`{string.Join(' ', report.Parameters.Select(parameter => $"--{parameter.Key} {parameter.Value}"))}`\n");
        var names = report.Results.SelectMany(result => result.Details.Keys).Distinct().ToList();
        var columns = Columns.Where(column => report.Results.Exists(result => column.Value(result) is not null))
            .Concat(names.Select(name => (Title: name.Replace('_', ' '), Value: (Func<BenchResult, object?>)(r => r.Details.TryGetValue(name, out var value) ? value : null))))
            .ToList();
        Table(text, columns.ConvertAll(column => column.Title), report.Results.Select(result => columns.Select(column => column.Value(result))));
        if (report.Ratios.Count > 0)
        {
            Table(text, ["ratio", "value"], report.Ratios.Select(ratio => (object?[])[ratio.Key, ratio.Value]));
        }

        if (report.Budgets.Count > 0)
        {
            Table(
                text, ["budget", "limit", "measured", "unit", "met"],
                report.Budgets.Select(line => (object?[])[line.What, line.Limit, line.Measured, line.Unit, line.Met ? "yes" : "**no**"]));
        }

        if (report.Plot is not null)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"![{report.Scenario}]({report.Scenario}.svg)\n");
        }

        foreach (var note in report.Notes)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {note}");
        }

        return text.ToString();
    }

    public static void Table(StringBuilder text, IReadOnlyList<string> titles, IEnumerable<IEnumerable<object?>> rows)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", titles)} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|{string.Concat(titles.Select(_ => "---|"))}");
        foreach (var row in rows)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row.Select(Text))} |");
        }

        text.AppendLine();
    }

    private static string Text(object? value) => value switch
    {
        null => string.Empty,
        double number when number == Math.Floor(number) && Math.Abs(number) < 1e12 => number.ToString("0", CultureInfo.InvariantCulture),
        double number when Math.Abs(number) >= 100 => number.ToString("0", CultureInfo.InvariantCulture),
        double number => number.ToString(Math.Abs(number) >= 1 ? "0.##" : "0.####", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
